#!/usr/bin/env bash
# Makes interpreter.wasm and interpreter.metered.wasm from source. Run it only for a new ABI: the files are committed,
# and with the same tools it gives the same bytes. Needs cargo (it fetches the source), patch, node, and from Debian 12
# clang-19, lld-19, libclang-rt-19-dev-wasm32 and wasi-libc.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-$here}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# QuickJS-ng 0.16.2, as the crate carries it; cargo checks its hash.
mkdir -p "$work/fetch/src" && : >"$work/fetch/src/lib.rs"
printf '[package]\nname = "fetch"\nversion = "0.0.0"\nedition = "2021"\n[dependencies]\nrquickjs-sys = "=0.14.0"\n' >"$work/fetch/Cargo.toml"
manifest=$(cargo metadata --manifest-path "$work/fetch/Cargo.toml" --format-version 1 |
  grep -o '"manifest_path":"[^"]*/rquickjs-sys-0\.14\.0/Cargo\.toml"' | head -1 | cut -d'"' -f4)
cp -r "$(dirname "$manifest")/quickjs" "$work/quickjs"
patch --quiet -d "$work/quickjs" -p1 <"$here/quickjs.patch"

cd "$work"
flags=(--target=wasm32-wasi -Iquickjs -Ihost -D_GNU_SOURCE -DNDEBUG -funsigned-char -fno-strict-aliasing -fwrapv
  -fno-math-errno -ffunction-sections -fdata-sections -w -O2)
mkdir host && cp "$here"/*.c "$here"/*.h host
for file in quickjs/{quickjs,libregexp,libunicode,dtoa}.c host/interpreter.c; do
  clang-19 "${flags[@]}" -c "$file" -o "$(basename "$file" .c).o"
done
clang-19 "${flags[@]}" -fno-builtin -mbulk-memory -c host/memory.c -o memory.o
clang-19 --target=wasm32-wasi -nostartfiles -Wl,--no-entry -Wl,--gc-sections -Wl,--strip-all -Wl,--stack-first \
  -Wl,-z,stack-size=524288 -Wl,--max-memory=268435456 \
  quickjs.o libregexp.o libunicode.o dtoa.o interpreter.o memory.o -lm -o "$out/interpreter.wasm"
chmod 644 "$out/interpreter.wasm"
node "$here/meter-interpreter.ts" "$out"
