"""``python -m benchmarks [GROUP …]``: measures on a database of its own and writes ``var/bench.json``."""

import os
import sys
import warnings

from benchmarks import cluster, harness


def main() -> None:
    warnings.filterwarnings("ignore")  # a missing XDG_RUNTIME_DIR is not what is measured
    server = cluster.start()
    # The settings, and every process started from here, find this database.
    os.environ["DATABASE_URL"] = cluster.make_database(server, "milepost")
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    # The groups need the settings, so they are imported here and not above.
    from benchmarks import groups

    known = groups.load()
    if unknown := set(sys.argv[1:]) - set(known):
        sys.exit(f"No such group: {', '.join(sorted(unknown))}. There are: {', '.join(known)}.")
    figures = harness.run(sys.argv[1:], cluster.VAR.parent / "bench.json")
    missed = [figure.name for figure in figures if not figure.reached]
    print(f"{len(figures)} figures, {len(missed)} missed" + "".join(f"\n  {name}" for name in missed))


if __name__ == "__main__":
    main()
