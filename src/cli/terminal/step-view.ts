import { styleText } from "node:util";
import type { StepEvent, StepReporter } from "../../lab/steps.ts";
import type { Output } from "../context.ts";
import { formatDuration } from "./duration.ts";

/** Milliseconds between two redraws of a terminal, and between two signs of life in a file. */
const REDRAW = 120;
const SIGN_OF_LIFE = 30_000;

interface RunningStep {
  readonly title: string;
  readonly began: number;
  progress: string;
}

/** Shows steps while they run; `close` ends the show and returns to a clean line. */
export interface StepView {
  readonly report: StepReporter;
  close(): void;
}

/**
 * On a terminal: a line for each step that ended, and below them the running ones with their time, redrawn in place.
 * Elsewhere: a line when a step starts or ends, and now and then one for those that take long.
 */
export function stepView(output: Output): StepView {
  return output.isTTY === true ? terminalView(output) : lineView(output);
}

function endLine(event: StepEvent): string | undefined {
  const { title } = event.step;
  if (event.type === "done") {
    const time = event.milliseconds >= 1000 ? ` ${styleText("dim", formatDuration(event.milliseconds))}` : "";
    return `${styleText("green", "✓")} ${title}${event.detail ? styleText("dim", ` · ${event.detail}`) : ""}${time}`;
  }
  if (event.type === "failed") return `${styleText("red", "✗")} ${title} ${styleText("dim", formatDuration(event.milliseconds))}`;
  return undefined;
}

function track(running: Map<string, RunningStep>, event: StepEvent): void {
  if (event.type === "started") running.set(event.step.id, { title: event.step.title, began: performance.now(), progress: "" });
  else if (event.type === "progress") {
    const step = running.get(event.step.id);
    if (step) step.progress = event.text;
  } else running.delete(event.step.id);
}

const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"] as const;

function terminalView(output: Output): StepView {
  const running = new Map<string, RunningStep>();
  let drawn = 0;
  let frame = 0;
  const erase = () => (drawn > 0 ? `\u001B[${drawn}F\u001B[J` : "");
  const draw = (above: string) => {
    const width = (output.columns ?? 80) - 1;
    const lines = [...running.values()].map((step) => {
      const time = formatDuration(performance.now() - step.began);
      const text = `${FRAMES[frame % FRAMES.length]} ${step.title} ${time}${step.progress ? ` · ${step.progress}` : ""}`;
      return text.slice(0, width);
    });
    output.write(`${erase()}${above}${lines.map((line) => `${line}\n`).join("")}`);
    drawn = lines.length;
  };
  const timer = setInterval(() => {
    frame += 1;
    draw("");
  }, REDRAW);
  timer.unref();
  return {
    report: (event) => {
      track(running, event);
      const line = endLine(event);
      if (event.type !== "progress") draw(line === undefined ? "" : `${line}\n`);
    },
    close: () => {
      clearInterval(timer);
      output.write(erase());
      drawn = 0;
    },
  };
}

function lineView(output: Output): StepView {
  const running = new Map<string, RunningStep>();
  const timer = setInterval(() => {
    for (const step of running.values()) {
      const elapsed = performance.now() - step.began;
      if (elapsed < SIGN_OF_LIFE) continue;
      output.write(`  ${step.title}: ${formatDuration(elapsed)}${step.progress ? `, ${step.progress}` : ""}\n`);
    }
  }, SIGN_OF_LIFE);
  timer.unref();
  return {
    report: (event) => {
      track(running, event);
      const line = endLine(event);
      if (line !== undefined) output.write(`${line}\n`);
    },
    close: () => clearInterval(timer),
  };
}
