"""NetworKit and igraph, asked by the benchmark: one question a line, one answer a line, cells apart by tabs.

load FOLDER NODES       makes graphs of the files there, of pairs of little-endian u32
run LIBRARY QUESTION THREADS     answers nanoseconds; what is not part of the algorithm is not timed where that can be helped
values FILE             writes what the last run found, as little-endian f64
"""

import os
import sys
import time
from importlib.metadata import version

import igraph
import networkit
import numpy


class NetworKit:
    """Its algorithms are objects: made beforehand, run, and asked for their values after."""

    def __init__(self, nodes, directed, undirected):
        self.undirected = self.graph(nodes, undirected, False)
        self.main = self.undirected if directed is None else self.graph(nodes, directed, True)

    @staticmethod
    def graph(nodes, edges, directed):
        columns = (edges[:, 0].astype(numpy.uint64), edges[:, 1].astype(numpy.uint64))
        graph = networkit.GraphFromCoo(columns, n=nodes, directed=directed)
        graph.sortEdges()
        return graph

    def page_rank(self, tolerance, norm):
        sinks = networkit.centrality.SinkHandling.DistributeSinks
        rank = networkit.centrality.PageRank(self.main, 0.85, tolerance, distributeSinks=sinks)
        rank.norm = norm
        return rank

    def run(self, question, threads):
        networkit.setNumberOfThreads(threads)
        central, norms = networkit.centrality, networkit.centrality.Norm
        algorithm = {
            # An iteration that moves by so much ends within α / (1 − α) times that: within 10⁻¹⁰ in all.
            "page-rank": lambda: self.page_rank(1e-10 * 0.15 / 0.85, norms.l1norm),
            "page-rank-as-it-comes": lambda: self.page_rank(1e-9, norms.l2norm),
            "cores": lambda: central.CoreDecomposition(self.undirected),
            "cores-by-buckets": lambda: central.CoreDecomposition(
                self.undirected, enforceBucketQueueAlgorithm=True
            ),
            "clustering": lambda: central.LocalClusteringCoefficient(self.undirected, True),
        }[question]()
        start = time.perf_counter_ns()
        algorithm.run()
        end = time.perf_counter_ns()
        return end - start, algorithm.scores


class Igraph:
    """Its functions hand back lists of Python's, the making of which is timed with them."""

    def __init__(self, nodes, directed, undirected):
        self.undirected = igraph.Graph(n=nodes, edges=undirected, directed=False)
        self.main = (
            self.undirected if directed is None else igraph.Graph(n=nodes, edges=directed, directed=True)
        )

    def run(self, question, _threads):
        function = {
            "page-rank": self.main.pagerank,
            "cores": self.undirected.coreness,
            "clustering": lambda: self.undirected.transitivity_local_undirected(mode="zero"),
        }[question]
        start = time.perf_counter_ns()
        values = function()
        end = time.perf_counter_ns()
        return end - start, lambda: values


def edges(folder, name):
    path = os.path.join(folder, name)
    return numpy.fromfile(path, dtype="<u4").reshape(-1, 2) if os.path.exists(path) else None


def main():
    answer = lambda *cells: print(*cells, sep="\t", flush=True)
    answer(version("networkit"), version("igraph"))
    libraries, values = {}, None
    for line in sys.stdin:
        verb, *cells = line.rstrip("\n").split("\t")
        if verb == "load":
            folder, nodes = cells[0], int(cells[1])
            graphs = nodes, edges(folder, "directed"), edges(folder, "undirected")
            libraries = {"NetworKit": NetworKit(*graphs), "igraph": Igraph(*graphs)}
            answer("loaded")
        elif verb == "run":
            took, values = libraries[cells[0]].run(cells[1], int(cells[2]))
            answer(took)
        elif verb == "values":
            numpy.array(values(), dtype="<f8").tofile(cells[0])
            answer("written")


main()
