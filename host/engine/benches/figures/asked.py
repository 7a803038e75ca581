"""DuckDB, asked by the benchmark: one question a line, one answer a line, cells apart by tabs.

words FILE             answers the verbs and their numbers in a snapshot's words.parquet: ask=3, a cell each
run FILE THREADS       runs the query of FILE into a table in memory of a new database, and answers nanoseconds
write FILE             writes that table, in the order of members, as Parquet
"""

import sys
import time

import duckdb


def fresh(threads):
    database = duckdb.connect(":memory:")
    database.execute(f"set threads = {int(threads)}")
    # It would be drawn among the answers.
    database.execute("set enable_progress_bar = false")
    # Nobody wants the rows in the order in which they lie.
    database.execute("set preserve_insertion_order = false")
    return database


def words(file):
    rows = fresh(1).execute("select text, code from read_parquet(?) where kind = 'verb'", [file]).fetchall()
    return "\t".join(f"{text}={code}" for text, code in rows)


def main():
    database = None
    print(duckdb.__version__, flush=True)
    for line in sys.stdin:
        match line.rstrip("\n").split("\t"):
            case ["words", file]:
                answer = words(file)
            case ["run", file, threads]:
                with open(file, encoding="utf-8") as text:
                    query = "create table answer as " + text.read()
                if database is not None:
                    database.close()
                database = fresh(threads)
                start = time.perf_counter_ns()
                database.execute(query)
                answer = str(time.perf_counter_ns() - start)
            case ["write", file]:
                database.execute("set preserve_insertion_order = true")
                quoted = file.replace("'", "''")
                database.execute(f"copy (from answer order by member) to '{quoted}' (format parquet, compression zstd)")
                answer = "written"
        print(answer, flush=True)


main()
