"""A metric: from how many different members a member gets thanks.

What it is asked and answers stands in wit/measuring.wit, what the host hands out in wit/network.wit; names are in
snake_case here, and problems are raised as `Err`.
"""

from wit_world import exports
from wit_world.exports import measuring
from wit_world.imports import network


class Measuring(exports.Measuring):
    def describe(self):
        return measuring.Description(
            name="thanked-py",
            version="0.1.0",
            summary="From how many different members the member gets thanks.",
            unit="members",
            inputs=[],
            settings=[],
        )

    def networks(self, settings):
        return [measuring.Network(ties=measuring.TieKind_Verbs(["thank"]), half_life=None)]

    def measure(self, settings):
        thanked = [0.0] * network.members()
        first = 0
        # The host hands out so many ties at a time; where none come there are no more.
        while (ties := network.ties_from(0, first)).target:
            for member in ties.target:
                thanked[member] += 1.0
            first += len(ties.target)
        return thanked
