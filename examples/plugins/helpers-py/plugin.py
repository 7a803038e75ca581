"""The tenth who help most: answers, and how many people had one.

What every function is asked and answers stands in wit/scoring.wit; names are in snake_case here, and problems are
raised as `Err`.
"""

from math import isnan

from wit_world import exports
from wit_world.exports import scoring
from wit_world.imports import log
from wit_world.imports.types import (
    Bounds, Effect, Input, KnownTier, Scale, Setting, Tier, Value_Number,
)

SHARES = [0.7, 0.3]


def percentile(metric: str, why: str) -> Input:
    return Input(metric, Scale.PERCENTILE, False, why, Effect.RAISES)


class Scoring(exports.Scoring):
    def describe(self):
        return scoring.Description(
            name="helpers-py",
            version="0.1.0",
            summary="The tenth who help most.",
            inputs=[percentile("answers", "Answers help."), percentile("members-helped", "The more people, the better.")],
            settings=[
                Setting("top-share", "The share of members who are helpers.", Value_Number(0.1), Bounds(0.0, 1.0, [])),
            ],
            tiers=[
                Tier("member", "Member", "Everybody else.", 0, None),
                Tier("helper", "Helper", "Those who help most.", 1, KnownTier.MICRO_INFLUENCER),
            ],
            reasons=[],
        )


class Model(scoring.Model):
    @classmethod
    def fit(cls, settings, population):
        model = cls()
        # What is missing counts as the median, and as nothing where nobody has a value.
        medians = [summary.value.median_scaled for summary in population]
        model.medians = [0.0 if isnan(median) else median for median in medians]
        model.top = settings[0].value
        for i, summary in enumerate(population):
            if not summary.value.count:
                log.log(log.Level.INFO, f"nobody has input {i}")
        return model

    def contributions(self, members):
        """One column an input: how far the member is from the median, by the input's share."""
        inputs = zip(SHARES, self.medians, members.columns)
        return [
            [0.0 if isnan(value) else share * (value - median) for value in column.value]
            for share, median, column in inputs
        ]

    def base(self):
        base = 0.0
        for share, median in zip(SHARES, self.medians):
            base += share * median
        return base

    def score(self, members):
        scores = [self.base()] * members.rows
        for column in self.contributions(members):
            scores = [score + contribution for score, contribution in zip(scores, column)]
        return scores

    def place(self, members, ranking):
        return scoring.Placements([int(share > 1 - self.top) for share in ranking.percentile], [])

    def explain(self, members):
        return scoring.Contributions(self.base(), self.contributions(members))
