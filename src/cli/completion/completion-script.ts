/** Shells that complete frota's words. */
export const SHELLS = ["bash", "zsh", "fish"] as const;

export type Shell = (typeof SHELLS)[number];

/** What makes a shell complete frota's words: it asks `frota __complete` for each (see `complete`). */
export function completionScript(shell: Shell): string {
  return SCRIPTS[shell];
}

const BASH = String.raw`# Completion of frota for bash 4 or later. For every new shell, add to ~/.bashrc:
#   source <(frota completion bash)
_frota() {
  local line=\${COMP_LINE:0:COMP_POINT} program answer value rest directive=4 mark
  local -a typed
  read -ra typed <<< "$line"
  [[ $line == *[[:space:]] ]] && typed+=("")
  program=\${typed[0]/#\~/$HOME}
  type -P "$program" > /dev/null || program=frota
  answer=$("$program" __complete "\${typed[@]:1}" 2> /dev/null) || return
  # bash replaces only what follows the last of these marks.
  rest=\${typed[\${#typed[@]}-1]}
  local whole=$rest
  for mark in = :; do
    [[ $COMP_WORDBREAKS == *"$mark"* ]] && rest=\${rest##*"$mark"}
  done
  COMPREPLY=()
  while IFS= read -r value; do
    if [[ $value == :* ]]; then
      directive=\${value#:}
    else
      value=\${value%%$'\t'*}
      COMPREPLY+=("\${value#"\${whole%"$rest"}"}")
    fi
  done <<< "$answer"
  (( directive & 16 )) && compopt -o dirnames
  return 0
}
complete -F _frota frota
`;

const ZSH = String.raw`#compdef frota
# Completion of frota for zsh. Either for every new shell, in ~/.zshrc after compinit:
#   source <(frota completion zsh)
# or once: frota completion zsh > "\${fpath[1]}/_frota"
_frota() {
  local -a proposals
  local line directive=4
  for line in "\${(@f)$("\${(Q)words[1]}" __complete "\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}" 2> /dev/null)}"; do
    if [[ $line == :* ]]; then
      directive=\${line#:}
    elif [[ -n $line ]]; then
      line=\${line//:/\\:}
      proposals+=("\${line/$'\t'/:}")
    fi
  done
  if (( directive & 16 )); then
    # Of --repo=DIR only what follows the sign.
    compset -P '*='
    _files -/
  else
    _describe frota proposals
  fi
}
compdef _frota frota
# As a file of $fpath it is called, not sourced.
if [[ $funcstack[1] == _frota ]]; then _frota; fi
`;

const FISH = String.raw`# Completion of frota for fish. For every new shell, once:
#   frota completion fish > ~/.config/fish/completions/frota.fish
function __frota_complete
    set -l typed (commandline -opc)
    set -l answer (command $typed[1] __complete $typed[2..-1] (commandline -ct) 2> /dev/null)
    if test "$answer[-1]" = :16
        __fish_complete_directories (commandline -ct) ''
    else
        string match -v ':*' -- $answer
    end
end
complete -c frota -f -a '(__frota_complete)'
`;

/** Template strings need their own signs escaped, and raw ones keep the escape. */
const SCRIPTS: Readonly<Record<Shell, string>> = { bash: BASH.replaceAll("\\${", "${"), zsh: ZSH.replaceAll("\\${", "${"), fish: FISH };
