// The results of a call: one key each, or a form that stays open, in front of its customer, until it is saved or left.
import { api, explain, Refusal, toast, wish } from "./api.js";
import { Drafts } from "./agent-drafts.js";
import { LaterTime } from "./agent-later.js";
import { word } from "./words.js";

const $ = (id) => document.getElementById(id);

export class Results {
  /** moved: called when a form was opened or closed, saved: with what was saved for a call; remarks: gives their text. */
  constructor(desk, { moved, saved, remarks }) {
    this.desk = desk;
    this.moved = moved;
    this.saved = saved;
    this.remarks = remarks;
    this.facts = {};
    this.open = null; // {attempt, result} of the form that is open
    this.forms = new Map([...desk.querySelectorAll(".result-form")].map((form) => [form.dataset.result, form]));
    this.pads = [...desk.querySelectorAll(".pad")];
    this.later = new LaterTime(desk);
    this.drafts = new Drafts(document.body.dataset.staff, () => this.follow());
    for (const pad of this.pads) pad.addEventListener("click", () => this.press(pad));
    $("undo").addEventListener("click", () => this.undo());
    $("receipt").addEventListener("click", () => this.enter({ attempt: this.facts.attempt, result: "ordered" }).focus());
    for (const form of this.forms.values()) this.prepare(form);
  }

  /** What the server says now. */
  show(facts) {
    this.facts = facts;
    if (this.open && facts.asked === this.open.attempt && facts.attempt !== facts.asked) this.leave(); // it is not in the books
    const usable = facts.canResult === "1" && (facts.presence !== "paused" || facts.chosen);
    const begun = facts.attempt ? this.drafts.of(facts.attempt) : {};
    for (const pad of this.pads) {
      pad.disabled = !usable;
      pad.setAttribute("aria-pressed", String(usable && pad.dataset.result === facts.result));
      pad.toggleAttribute("data-begun", usable && pad.dataset.result in begun);
    }
    $("receipt").textContent = facts.receipt ?? "";
    this.forms.get("stands").querySelector(".result-name").textContent = facts.receipt ?? "";
    const said = this.pads.find((pad) => pad.dataset.result === facts.result);
    $("undo").hidden = !usable || said?.dataset.told !== "1" || this.open !== null;
    $("receipt").hidden = !facts.receipt || !usable || this.open !== null;
    $("results").hidden = !facts.attempt && !this.open;
    $("result-for").textContent = usable ? this.about(facts) : word("when-talking");
    this.desk.dataset.situation = this.open?.result || facts.result || "opening";
  }

  /** Whose result it is, when that is not the customer on the line. */
  about({ chosen, shown, shop }) {
    if (chosen) return `${word("for-chosen")} ${shop}`;
    return shown === "1" ? "" : `${word("for")} ${shop}`;
  }

  press(pad) {
    const { result } = pad.dataset;
    if (this.forms.has(result)) this.enter({ attempt: this.facts.attempt, result }).focus();
    else this.save(this.facts.attempt, { result });
  }

  /** Open a form; the field to begin with. */
  enter(open) {
    this.open = this.drafts.open = open;
    const form = this.forms.get(open.result);
    $("pads").hidden = true;
    for (const each of this.forms.values()) each.hidden = each !== form;
    form.reset();
    delete form.dataset.insist;
    form.querySelector(".form-problem").textContent = "";
    const begun = this.drafts.of(open.attempt)[open.result] ?? this.taken(open);
    if (begun) fill(form, begun);
    else if (form.elements.text) form.elements.text.value = this.remarks();
    if (form.elements.time) this.later.pick();
    this.moved();
    return form.querySelector("input, textarea") ?? form.querySelector("button");
  }

  /** The order that the call has already: to be changed, not to be followed by a second one. */
  taken({ attempt, result }) {
    const { order, quantity, amount } = this.facts;
    return result === "ordered" && attempt === this.facts.attempt && order ? { order, quantity, amount } : null;
  }

  /** Another result than "ordered": what becomes of the order? */
  ask(attempt, body) {
    const form = this.forms.get("stands");
    for (const each of this.forms.values()) each.hidden = each !== form;
    $("pads").hidden = true;
    this.open = { attempt, result: "stands" }; // not kept: the question comes again with the result
    for (const button of form.querySelectorAll("[data-stays]")) {
      button.onclick = () => this.save(attempt, { ...body, order_stays: JSON.parse(button.dataset.stays) }, form);
    }
    form.querySelector("button").focus();
    this.moved();
  }

  /** Close the form that is open; what was typed is kept. */
  leave() {
    this.drafts.open = null;
    this.hide();
    document.activeElement?.blur?.();
  }

  hide() {
    this.open = null;
    for (const form of this.forms.values()) form.hidden = true;
    $("pads").hidden = false;
    this.moved();
  }

  /** Show what was left open before the page was loaded, or what another window does. */
  follow() {
    const there = this.drafts.open;
    if (there && (there.attempt !== this.open?.attempt || there.result !== this.open.result)) this.enter(there);
    else if (there) fill(this.forms.get(there.result), this.drafts.of(there.attempt)[there.result] ?? {});
    else if (this.open) this.hide();
    else this.show(this.facts);
  }

  prepare(form) {
    form.querySelector("[data-back]").addEventListener("click", () => this.leave());
    form.addEventListener("input", () => this.keep(form));
    form.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing || event.target.matches("button") || event.shiftKey) return;
      event.preventDefault();
      const fields = [...form.querySelectorAll("input, textarea")];
      const next = fields[fields.indexOf(event.target) + 1];
      if (!form.elements.time && next && event.target.value.trim() && !event.ctrlKey) next.focus();
      else form.requestSubmit();
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const values = typed(form);
      const problem = form.elements.time ? this.later.problem(values) : "";
      if (problem) form.querySelector(".form-problem").textContent = problem;
      else this.save(this.open.attempt, { result: form.dataset.result, ...this.later.promise(values), ...(form.dataset.insist === values.order && { insist: true }) }, form);
    });
  }

  /** It was a slip. */
  undo() {
    const { attempt } = this.facts;
    return wish("result", async () => {
      try {
        await api("DELETE", `/attempts/${attempt}/disposition`);
      } catch (error) {
        if (!(error instanceof Refusal) && !(error instanceof TypeError)) throw error; // api() has told the person
        return;
      }
      toast(word("taken-back"));
      this.saved(attempt, { result: "" });
    });
  }

  keep(form) {
    if (this.open) this.drafts.keep(this.open.attempt, this.open.result, typed(form));
  }

  save(attempt, body, form) {
    return wish("result", async () => {
      try {
        await api("PUT", `/attempts/${attempt}/disposition`, body, { quiet: true });
      } catch (error) {
        if (error.code === "order-stands") return this.ask(attempt, body);
        if (error.code === "order-of-another") form.dataset.insist = body.order;
        if (!form) return void toast(error instanceof Refusal ? explain(error) : word("failed"), "bad");
        const problem = error instanceof Refusal ? explain(error) : word("failed");
        form.querySelector(".form-problem").textContent = problem; // what was typed stays
        return;
      }
      this.drafts.drop(attempt);
      toast(word("result-saved"));
      this.saved(attempt, body);
      if (this.open?.attempt === attempt && [body.result, "stands"].includes(this.open.result)) this.leave();
    });
  }
}

const typed = (form) => Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, value.trim()]));

/** Put values into a form, but not under the fingers of somebody who types. */
function fill(form, values) {
  for (const [name, value] of Object.entries(values)) {
    const field = form.elements.namedItem(name);
    if (field && field.value.trim() !== value && (field !== document.activeElement || !document.hasFocus())) field.value = value;
  }
}
