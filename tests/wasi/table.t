# docs/WASI.md names every function of the table, and tests that exist.
cmd: cd "$CASES"; sed -n 's/^P1_FUNC[A-Z_]*(\([a-z_]*\),.*/\1/p' ../../wasi/preview1.def | while read -r f; do t=$(sed -n "s/^| \`$f\` |.*\`\(wasi_[a-z_]*\)\` |\$/\1/p" ../../docs/WASI.md); if [ -z "$t" ]; then echo "no row for $f"; elif ! grep -q "^TEST($t)" test_*.c; then echo "$f: no test $t"; fi; done; grep -c '^P1_FUNC' ../../wasi/preview1.def
stdout: 46
