// The tenth who help most: answers, and how many people had one. What every function is asked and answers
// stands in wit/scoring.wit; names are in camelCase here, and problems are thrown.
import { log } from "groundswell:plugin/log@0.1.0";

const SHARES = [0.7, 0.3];

const input = (metric, why) => ({ metric, scale: "percentile", required: false, why, effect: "raises" });

class Model {
  static fit(settings, population) {
    const model = new Model();
    // What is missing counts as the median, and as nothing where nobody has a value.
    model.medians = population.map(({ val }) => (Number.isNaN(val.medianScaled) ? 0 : val.medianScaled));
    model.top = settings[0].val;
    population.forEach(({ val }, i) => val.count || log("info", `nobody has input ${i}`));
    return model;
  }

  // One column of contributions an input: how far the member is from the median, by the input's share.
  contributions({ columns }) {
    return columns.map(({ val }, i) => {
      const from = this.medians[i];
      return Float64Array.from(val, (value) => (Number.isNaN(value) ? 0 : SHARES[i] * (value - from)));
    });
  }

  base() {
    return this.medians.reduce((sum, median, i) => sum + SHARES[i] * median, 0);
  }

  score(members) {
    const columns = this.contributions(members);
    const base = this.base();
    return Float64Array.from({ length: members.rows }, (_, row) =>
      columns.reduce((sum, column) => sum + column[row], base),
    );
  }

  place(_, { percentile }) {
    return { tier: Uint32Array.from(percentile, (share) => (share > 1 - this.top ? 1 : 0)), reasons: [] };
  }

  explain(members) {
    return { base: this.base(), columns: this.contributions(members) };
  }
}

export const scoring = {
  Model,
  describe: () => ({
    name: "helpers-js",
    version: "0.1.0",
    summary: "The tenth who help most.",
    inputs: [input("answers", "Answers help."), input("members-helped", "The more people, the better.")],
    settings: [
      {
        name: "top-share",
        summary: "The share of members who are helpers.",
        default: { tag: "number", val: 0.1 },
        bounds: { least: 0, most: 1, choices: [] },
      },
    ],
    tiers: [
      { id: "member", title: "Member", summary: "Everybody else.", rung: 0 },
      { id: "helper", title: "Helper", summary: "Those who help most.", rung: 1, known: "micro-influencer" },
    ],
    reasons: [],
  }),
};
