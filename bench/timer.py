"""The tail that bench/run puts behind every program: times run() and prints one line of JSON."""

if __name__ == "__main__":
    import json
    import time

    seconds = []
    for _ in range(REPEATS):  # noqa: F821 (bench/run puts the number in front)
        start = time.perf_counter()
        checksum = run()  # noqa: F821 (the program's)
        seconds.append(time.perf_counter() - start)
    print(json.dumps({"seconds": seconds, "checksum": checksum}))
