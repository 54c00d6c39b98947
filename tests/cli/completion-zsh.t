# The script for zsh is well-formed and registers itself.
needs: zsh
cmd: wasmrt completion zsh >script; zsh -n script && head -1 script
stdout: #compdef wasmrt
cmd: zsh -fc 'compdef() { echo registered "$@" }; eval "$(cat script)"; whence -w _wasmrt'
stdout:
registered _wasmrt wasmrt
_wasmrt: function
