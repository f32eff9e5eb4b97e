import { describe, expect, test } from "vitest";
import { runSteps, type Step, type StepEvent } from "./steps.ts";

const never = new AbortController().signal;

function recorder() {
  const events: StepEvent[] = [];
  return { events, report: (event: StepEvent) => void events.push(event) };
}

const step = (id: string, needs: readonly string[], run: Step["run"] = async () => undefined): Step => ({
  id,
  title: id,
  needs,
  run,
});

describe("runSteps", () => {
  test("runs what is independent side by side and the rest after its needs", async () => {
    const gate = Promise.withResolvers<void>();
    const { events, report } = recorder();
    const finished: string[] = [];
    await runSteps(
      [
        step("c", ["a", "b"], async () => (finished.push("c"), undefined)),
        step("a", [], async () => (await gate.promise, finished.push("a"), undefined)),
        step("b", [], async () => (gate.resolve(), finished.push("b"), undefined)),
      ],
      report,
      never,
    );
    expect(finished.at(-1)).toBe("c");
    expect(finished).toHaveLength(3);
    expect(events.filter((event) => event.type === "done")).toHaveLength(3);
  });

  test("starts nothing after a failure, waits for what runs, and throws the first failure", async () => {
    const { events, report } = recorder();
    const failure = new Error("no room");
    const run = runSteps(
      [
        step("bad", [], () => Promise.reject(failure)),
        step("slow", [], () => new Promise((resolve) => setImmediate(() => resolve("slow done")))),
        step("after", ["bad"]),
      ],
      report,
      never,
    );
    await expect(run).rejects.toBe(failure);
    const told = events.map((event) => `${event.step.id} ${event.type}`);
    expect(told).toContain("slow done");
    expect(told).toContain("after skipped");
    expect(told).not.toContain("after started");
  });

  test("refuses an unknown need and a circle", async () => {
    await expect(runSteps([step("a", ["x"])], () => {}, never)).rejects.toThrow("unknown x");
    await expect(runSteps([step("a", ["b"]), step("b", ["a"])], () => {}, never)).rejects.toThrow("a, b");
  });
});
