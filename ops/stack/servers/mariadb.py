"""MariaDB: a private data folder, the `seatrush` database and its account, on a unix socket; with Galera in a cluster."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import pymysql

from ops.stack.accounts import account_for, give, is_root
from ops.stack.config import StackConfig
from ops.stack.environment import DATABASE, DATABASE_USER
from ops.stack.errors import NotReadyError, StackError
from ops.stack.packages import find_binary
from ops.stack.rendering import TEMPLATES, ConfigFile, render
from ops.stack.servers import galera
from ops.stack.servers.base import Process, Server


class MariaDB(Server):
    """Runs as `mysql` when root runs the stack and that account can reach the folder, else as the caller."""

    name = "mariadb"

    @property
    def account(self) -> str | None:
        """The account to switch to, or None."""
        return account_for("mysql", self.data)

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.config.data("mariadb")

    @property
    def scratch(self) -> Path:
        """Where its temporary tables go: its own folder, as whichever server starts deletes all of them that it finds."""
        return self.config.data("mariadb-tmp")

    @property
    def socket(self) -> Path:
        """The unix socket, in a folder of its own which the server's account may write."""
        return self.config.sockets / "mariadb" / "mariadb.sock"

    def files(self) -> list[ConfigFile]:
        etc = self.config.etc("mariadb")
        port = self.config.ports.mariadb
        options = render(
            TEMPLATES / "mariadb.cnf.tmpl",
            data=self.data,
            scratch=self.scratch,
            socket=self.socket,
            pid=self.data / "mariadb.pid",
            init=etc / "init.sql",
            user=self.account or ("root" if is_root() else ""),
            network=f"bind-address = {self.config.address}\nport = {port}" if port else "skip-networking",
            replication=_replication(self.config),
        )
        # An empty `user =` would be refused by the server.
        options = "\n".join(line for line in options.splitlines() if line.strip() != "user =") + "\n"
        accounts = render(
            TEMPLATES / "mariadb-init.sql.tmpl",
            database=DATABASE,
            user=DATABASE_USER,
            password=self.config.secrets.read("database"),
            root_password=self.config.secrets.read("database_root"),
            session=galera.SESSION if self.config.cluster else "",
            more=galera.accounts(self.config),
        )
        return [
            *([galera.start_script(self.config, self.account)] if self.config.cluster else []),
            ConfigFile(etc / "my.cnf", options),
            ConfigFile(etc / "init.sql", accounts, mode=0o600, account=self.account),
        ]

    def prepare(self) -> None:
        if self.config.cluster and is_root() and self.account is None:
            # As root, rsync would copy as nobody, who can get there even less.
            raise StackError(f"the account mysql can't reach {self.data}: use another folder (--root)")
        for folder, mode in ((self.socket.parent, 0o755), (self.scratch, 0o700)):
            folder.mkdir(mode=mode, parents=True, exist_ok=True)
            give(folder, self.account)
        if (self.data / "mysql").is_dir():
            return
        template = self.config.mariadb_template
        if template is None:
            self._install(self.data)
            return
        if not (template / "mysql").is_dir():
            self._install(template)
        self._copy(template, self.data)

    def _install(self, target: Path) -> None:
        """Make an empty data folder. First under /tmp: the install script can't cope with a blank in a path."""
        with TemporaryDirectory(prefix="seatrush-", dir="/tmp") as name:
            Path(name).chmod(0o755)
            fresh, scratch = Path(name) / "data", Path(name) / "tmp"
            account = self.account or ("root" if is_root() else None)
            scratch.mkdir(mode=0o700)
            give(scratch, account)
            command = [
                find_binary("mariadb-install-db"),
                "--no-defaults",
                f"--datadir={fresh}",
                f"--tmpdir={scratch}",  # one that is shared loses its tables to the next server that starts
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
                "--innodb-log-file-size=8M",  # keeps the copies small; grows to its size at the first start
            ]
            if account:
                command.append(f"--user={account}")
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                lines = (done.stderr + done.stdout).strip().splitlines() or ["no output"]
                raise StackError(f"mariadb-install-db failed for {target}: {' / '.join(lines[-3:])}")
            self._copy(fresh, target)

    def _copy(self, source: Path, target: Path) -> None:
        """Copy beside the target and move it there, so that a half-made folder is never used."""
        target.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as name:
            fresh = Path(name) / "data"
            shutil.copytree(source, fresh)
            for path in [fresh, *fresh.rglob("*")]:
                give(path, self.account)
            try:
                fresh.rename(target)
            except OSError:
                if not (target / "mysql").is_dir():  # else another stack made the same template meanwhile
                    raise

    def process(self) -> Process:
        options = self.config.etc("mariadb") / "my.cnf"
        command = [find_binary("mariadbd"), f"--defaults-file={options}"]
        if self.config.cluster:
            # The script may be waiting for its child when the stop comes.
            return Process(
                [str(galera.script(self.config))], str(self.data), galera.ENVIRONMENT, self.account, "TERM", True, 30
            )
        return Process(command=command, folder=str(self.data), user=self.account, stop_wait=30)

    def probe(self) -> None:
        try:
            connection = pymysql.connect(
                unix_socket=str(self.socket),
                ssl_disabled=True,
                user=DATABASE_USER,
                password=self.config.secrets.read("database"),
                database=DATABASE,
                connect_timeout=2,
                read_timeout=2,
            )
            try:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT 1")
            finally:
                connection.close()
        except (pymysql.Error, OSError) as error:
            raise NotReadyError(f"{self.socket}: {error}") from error

    def ports(self) -> dict[str, int]:
        return {"mariadb": self.config.ports.mariadb} if self.config.ports.mariadb else {}

    @property
    def address(self) -> str:
        port = self.config.ports.mariadb
        return f"{self.socket}" + (f" and {self.config.address}:{port}" if port else "")


def _replication(config: StackConfig) -> str:
    if config.cluster:
        return galera.options(config, config.cluster)
    return "skip-log-bin"
