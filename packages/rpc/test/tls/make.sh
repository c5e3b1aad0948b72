#!/usr/bin/env bash
# Makes the certificates of the tests anew: an authority, what it signed, and one that nobody signed. For tests alone.
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
curve=(-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes)
far=21001231235959Z

touch "$work/index"
cat >"$work/ca.cnf" <<CNF
[ca]
default_ca = it
[it]
database = $work/index
new_certs_dir = $work
certificate = authority.pem
private_key = $work/authority.key
default_md = sha256
policy = any
rand_serial = yes
unique_subject = no
copy_extensions = copy
[any]
commonName = supplied
[authority]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
CNF

openssl req -new "${curve[@]}" -subj "/CN=rpc test authority" -keyout "$work/authority.key" -out "$work/authority.csr"
openssl ca -batch -notext -config "$work/ca.cnf" -selfsign -extensions authority -startdate 20200101000000Z -enddate $far \
  -keyfile "$work/authority.key" -in "$work/authority.csr" -out authority.pem

# sign NAME COMMON_NAME SUBJECT_ALT_NAME FROM TO
sign() {
  openssl req -new "${curve[@]}" -subj "/CN=$2" -addext "subjectAltName=$3" -keyout "$1-key.pem" -out "$work/$1.csr"
  openssl ca -batch -notext -config "$work/ca.cnf" -startdate "$4" -enddate "$5" -in "$work/$1.csr" -out "$1-cert.pem"
}
here="DNS:localhost,IP:127.0.0.1"
sign server "rpc test server" "$here" 20200101000000Z $far
sign renewed "rpc test server, renewed" "$here" 20200101000000Z $far
sign client "rpc test client" "DNS:client" 20200101000000Z $far
sign other "rpc test elsewhere" "DNS:elsewhere.test" 20200101000000Z $far
sign expired "rpc test, expired" "$here" 20200101000000Z 20200201000000Z
sign early "rpc test, early" "$here" 20990101000000Z $far
