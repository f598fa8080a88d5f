import { render, screen } from "@testing-library/svelte";
import { tick } from "svelte";
import { describe, expect, it, vi } from "vitest";
import ProgressLine from "$lib/components/ProgressLine.svelte";
import Skeleton from "$lib/components/Skeleton.svelte";
import Status, { STATES, type State } from "$lib/components/Status.svelte";

describe("Status", () => {
  it.each(Object.keys(STATES) as State[])("%s has a shape and a word", (state) => {
    const { container } = render(Status, { state, label: "Word" });
    expect(screen.getByText("Word")).toBeTruthy();
    expect(container.querySelector("svg")).toBeTruthy();
  });

  it("has an outline of its own for every state", () => {
    expect(new Set(Object.values(STATES).map((look) => look.icon)).size).toBe(Object.keys(STATES).length);
  });
});

describe("Skeleton", () => {
  it("shows nothing for 200 ms, then grey lines", async () => {
    vi.useFakeTimers();
    render(Skeleton, { label: "Loading" });
    await tick();
    vi.advanceTimersByTime(190);
    await tick();
    expect(screen.queryByTestId("skeleton")).toBeNull();
    vi.advanceTimersByTime(20);
    await tick();
    expect(screen.getByTestId("skeleton").querySelectorAll(".line").length).toBe(3);
  });
});

describe("ProgressLine", () => {
  it("counts seconds and offers Cancel after one", async () => {
    vi.useFakeTimers({ now: 10_000 });
    const oncancel = vi.fn();
    render(ProgressLine, { label: "Asking GitHub", since: 10_000, oncancel });
    await tick();
    expect(screen.queryByText("Cancel")).toBeNull();
    vi.advanceTimersByTime(2300);
    await tick();
    expect(screen.getByText(/, 2 s/)).toBeTruthy();
    screen.getByText("Cancel").click();
    expect(oncancel).toHaveBeenCalledOnce();
  });
});
