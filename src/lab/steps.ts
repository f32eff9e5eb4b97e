/** What a running step may tell: a line that replaces its last one, for example `312 of 1,200 packages`. */
interface StepContext {
  readonly progress: (text: string) => void;
  readonly signal: AbortSignal;
}

/** One piece of a long piece of work. `run` is idempotent and returns what came of it in a few words. */
export interface Step {
  readonly id: string;
  /** What is being done, for people: `Build Kubernetes`. */
  readonly title: string;
  /** Ids of the steps that must be done before. */
  readonly needs?: readonly string[];
  readonly run: (context: StepContext) => Promise<string | undefined>;
}

/** What happens to a step, in this order: started, progress (any number), then done, failed or skipped. */
export type StepEvent =
  | { readonly type: "started"; readonly step: Step }
  | { readonly type: "progress"; readonly step: Step; readonly text: string }
  | { readonly type: "done"; readonly step: Step; readonly detail: string | undefined; readonly milliseconds: number }
  | { readonly type: "failed"; readonly step: Step; readonly error: unknown; readonly milliseconds: number }
  | { readonly type: "skipped"; readonly step: Step };

/** Receives the events of {@link runSteps}; printing is its business. */
export type StepReporter = (event: StepEvent) => void;

/**
 * Runs steps as soon as what they need is done, side by side. After a failure no further step starts, those under way
 * are waited for, and the first failure is thrown. Throws a RangeError for an unknown need or a circle.
 */
export async function runSteps(steps: readonly Step[], report: StepReporter, signal: AbortSignal): Promise<void> {
  assertRunnable(steps);
  const done = new Set<string>();
  const running = new Map<string, Promise<void>>();
  const failures: unknown[] = [];
  const waiting = new Set(steps);

  const start = (step: Step) => {
    waiting.delete(step);
    const work = runStep(step, report, signal)
      .then(() => void done.add(step.id), (error: unknown) => void failures.push(error))
      .finally(() => running.delete(step.id));
    running.set(step.id, work);
  };

  for (;;) {
    if (failures.length === 0 && !signal.aborted) {
      const isStartable = (step: Step) => (step.needs ?? []).every((id) => done.has(id));
      [...waiting].filter(isStartable).forEach(start);
    }
    if (running.size === 0) break;
    await Promise.race(running.values());
  }
  for (const step of waiting) report({ type: "skipped", step });
  // What runs when someone interrupts fails in its own words; why it failed is the interruption.
  signal.throwIfAborted();
  if (failures.length > 0) throw failures[0];
}

async function runStep(step: Step, report: StepReporter, signal: AbortSignal): Promise<void> {
  const began = performance.now();
  const milliseconds = () => performance.now() - began;
  report({ type: "started", step });
  try {
    const detail = await step.run({ signal, progress: (text) => report({ type: "progress", step, text }) });
    report({ type: "done", step, detail, milliseconds: milliseconds() });
  } catch (error) {
    report({ type: "failed", step, error, milliseconds: milliseconds() });
    throw error;
  }
}

function assertRunnable(steps: readonly Step[]): void {
  const ids = new Set(steps.map((step) => step.id));
  for (const step of steps) {
    for (const need of step.needs ?? []) if (!ids.has(need)) throw new RangeError(`step ${step.id} needs unknown ${need}`);
  }
  const reachable = new Set<string>();
  let before = -1;
  while (reachable.size > before) {
    before = reachable.size;
    for (const step of steps) if ((step.needs ?? []).every((id) => reachable.has(id))) reachable.add(step.id);
  }
  const stuck = steps.filter((step) => !reachable.has(step.id)).map((step) => step.id);
  if (stuck.length > 0) throw new RangeError(`steps wait for each other: ${stuck.join(", ")}`);
}
