"""A PostgreSQL of a test's own, which it may stop, start and break."""

import shutil
import tempfile
from pathlib import Path

import psycopg

from config import embedded
from tests.config.site import free_port


class Server:
    """A PostgreSQL that listens on TCP, as an operator's does."""

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="milepost-server-", dir="/tmp"))
        self.data, self.port = self.home / "data", free_port()
        embedded.make_cluster(self.data)
        self.control("start")
        self.url = self.address("postgres")

    def address(self, database: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def control(self, *command: str) -> None:
        options = ["-o", f"-h 127.0.0.1 -p {self.port} -k '{self.data}'", "-l", str(self.data / "log")]
        embedded.run_program(self.data, "pg_ctl", "-D", str(self.data), "-w", *options, *command)

    def ask(self, question: str, database: str = "postgres") -> list[tuple[object, ...]]:
        with psycopg.connect(self.address(database), autocommit=True) as connection:
            cursor = connection.execute(question.encode())
            return cursor.fetchall() if cursor.description else []

    def close(self) -> None:
        self.control("-m", "immediate", "stop")
        shutil.rmtree(self.home)
