// Reads messages as protobuf-go does, with the strict defaults of protojson. The one argument is a file with a serialized
// FileDescriptorSet. Each line of standard input is "FORM TYPE BASE64", FORM being json or binary; each line of standard
// output answers one: "ok BASE64" with the message written again, or "no REASON".
package main

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"os"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
)

func main() {
	if err := answer(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func answer(path string) error {
	serialized, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var set descriptorpb.FileDescriptorSet
	if err := proto.Unmarshal(serialized, &set); err != nil {
		return err
	}
	files, err := protodesc.NewFiles(&set)
	if err != nil {
		return err
	}
	types := dynamicpb.NewTypes(files)
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 64<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for lines.Scan() {
		words := strings.Split(lines.Text(), " ")
		given, err := base64.StdEncoding.DecodeString(words[2])
		if err != nil {
			return err
		}
		found, err := types.FindMessageByName(protoreflect.FullName(words[1]))
		if err != nil {
			return err
		}
		message := found.New().Interface()
		if words[0] == "json" {
			err = protojson.UnmarshalOptions{Resolver: types}.Unmarshal(given, message)
		} else {
			err = proto.UnmarshalOptions{Resolver: types}.Unmarshal(given, message)
		}
		if err != nil {
			fmt.Fprintf(out, "no %q\n", err.Error())
			continue
		}
		written, err := proto.MarshalOptions{Deterministic: true}.Marshal(message)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "ok %s\n", base64.StdEncoding.EncodeToString(written))
	}
	return lines.Err()
}
