"""Looks for a world behind WASI, and answers one number about it as everybody's score."""

import os
import socket
import sys
import time

from wit_world import exports
from wit_world.exports import scoring
from wit_world.imports.types import Bounds, Effect, Input, Scale, Setting, Tier, Value_Text


def now():
    return time.time()


def now_in_nanoseconds():
    return time.time_ns() % 1_000_000_000


def environment():
    return len(os.environ)


def file_errors():
    """How many ways to a file are barred."""

    def barred(way):
        try:
            way()
            return 0
        except OSError:
            return 1

    return sum(
        map(
            barred,
            [
                lambda: os.listdir("/"),
                lambda: os.listdir("."),
                lambda: open("/etc/passwd").read(),
                lambda: open("written", "w"),
                lambda: os.mkdir("/made"),
                lambda: os.stat("/"),
            ],
        )
    )


def network_errors():
    """How many ways into a network are barred."""

    def barred(way):
        try:
            way()
            return 0
        except Exception:
            return 1

    return sum(
        map(
            barred,
            [
                lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM),
                lambda: socket.socket(socket.AF_INET6, socket.SOCK_DGRAM),
                lambda: socket.getaddrinfo("localhost", 80),
            ],
        )
    )


def entropy():
    return int.from_bytes(os.urandom(6), "little")


def slept():
    """Seconds of the monotonic clock that a year's sleep takes."""
    before = time.monotonic()
    time.sleep(365 * 86_400)
    return time.monotonic() - before


def standard_input():
    return len(sys.stdin.read()) if sys.stdin else 0


def printed():
    print("for everybody\x1b[2J")
    print("a warning", file=sys.stderr)
    sys.stdout.write("without an end")
    sys.stdout.flush()
    return 0


def sleep_for_ever():
    while True:
        time.sleep(1)


def print_for_ever():
    while True:
        print("again")


def exit():
    os._exit(3)


def wrong():
    raise ValueError("what went wrong")


PROBES = {
    probe.__name__.replace("_", "-"): probe
    for probe in [
        now, now_in_nanoseconds, environment, file_errors, network_errors, entropy, slept, standard_input, printed,
        sleep_for_ever, print_for_ever, exit, wrong,
    ]
}


class Scoring(exports.Scoring):
    def describe(self):
        return scoring.Description(
            name="probe",
            version="0.1.0",
            summary="Looks for a world behind WASI.",
            inputs=[Input("answers", Scale.RAW, False, "There has to be one.", Effect.RAISES)],
            settings=[Setting("probe", "What to look for.", Value_Text("now"), Bounds(None, None, list(PROBES)))],
            tiers=[Tier("member", "Member", "Everybody.", None, None)],
            reasons=[],
        )


class Model(scoring.Model):
    @classmethod
    def fit(cls, settings, population):
        model = cls()
        model.probe = PROBES[settings[0].value]
        return model

    def score(self, members):
        return [float(self.probe())] * members.rows

    def place(self, members, ranking):
        return scoring.Placements([0] * members.rows, [])

    def explain(self, members):
        return scoring.Contributions(float(self.probe()), [[0.0] * members.rows])
