/** A command, or a group of them, as Stricli's route maps hold them. */
interface Route {
  readonly brief: string;
  readonly getAllEntries?: () => readonly { readonly name: { readonly original: string }; readonly target: Route }[];
}

/** Which command a command line means: its words below the program's name, and its one sentence; as far as it names one. */
export function commandAt(routes: Route, argv: readonly string[]): { readonly words: readonly string[]; readonly brief: string; readonly isGroup: boolean } {
  const words: string[] = [];
  let route = routes;
  for (const word of argv) {
    const next = route.getAllEntries?.().find(({ name }) => name.original === word)?.target;
    if (next === undefined) break;
    words.push(word);
    route = next;
  }
  return { words, brief: route.brief, isGroup: route.getAllEntries !== undefined };
}
