"""Object-relational mappers of PyPI over sqlite3, unchanged: SQLAlchemy's tests of its SQLite dialect, counted, and peewee."""

import re
import unittest

from harness import HERE, Case, environment
from peers import cache, pypi

LOCK, PYTEST_LOCK = HERE / "databases.lock", HERE / "pytest.lock"
PASSED = 1923  # of SQLAlchemy's, with none failing; native CPython with the same SQLite passes as many
PEEWEE = """\
import datetime
import peewee

database = peewee.SqliteDatabase("data.db", pragmas={"foreign_keys": 1})

class Base(peewee.Model):
    class Meta:
        database = database

class Person(Base):
    name = peewee.CharField(unique=True)
    born = peewee.DateField()

class Pet(Base):
    owner = peewee.ForeignKeyField(Person, backref="pets")
    name = peewee.TextField()

@database.func("shout")
def shout(text):
    return text.upper()

with database:
    database.create_tables([Person, Pet])
    with database.atomic():
        people = [Person.create(name=name, born=datetime.date(1960 + n, 1, 15)) for n, name in enumerate(("Bob", "Grandma", "Herb"))]
        Pet.insert_many([{"owner": people[n % 2], "name": f"pet {n}"} for n in range(1000)]).execute()
    try:
        with database.atomic():
            Person.create(name="Zoe", born=datetime.date.today())
            Person.create(name="Bob", born=datetime.date.today())
    except peewee.IntegrityError as error:
        print(error)
    counted = Person.select(Person, peewee.fn.COUNT(Pet.id).alias("count")).join(Pet, peewee.JOIN.LEFT_OUTER).group_by(Person).order_by(Person.name)
    print([(person.name, person.born.year, person.count) for person in counted])
    print(Person.select(peewee.fn.shout(Person.name)).where(Person.born < datetime.date(1961, 1, 1)).scalar(), people[2].pets.count())
    print(Pet.update(name="x").where(Pet.owner == people[0]).execute(), Pet.delete().where(Pet.name == "x").execute(), Pet.select().count())
"""


def fetched(make):
    """What of PyPI is needed, or a skip where it is not reached."""
    try:
        return make()
    except cache.FetchError as error:
        raise unittest.SkipTest(f"the package index is not reached: {error}") from error


class Databases(Case):
    def test_sqlalchemy(self):
        requirements = pypi.read_lock(LOCK)
        source = fetched(lambda: pypi.source(requirements["sqlalchemy"]))
        helpers = fetched(lambda: pypi.install(LOCK, ["typing-extensions"], "databases"))
        pytest = fetched(lambda: pypi.install(PYTEST_LOCK, sorted(pypi.read_lock(PYTEST_LOCK)), "functional-pytest"))
        path = ":".join(map(str, (source / "lib", helpers, pytest)))
        done = self.pylon(f"--allow-read={source}", f"--allow-write={self.folder}", "--allow-write=/dev/null", "-B", "-m", "pytest", "-q", "--capture=sys", "-p", "no:cacheprovider",
                          f"--rootdir={source}", f"--confcutdir={source}", "-c", source / "pyproject.toml", "--db", "sqlite",
                          source / "test/dialect/sqlite", source / "test/dialect/test_suite.py", env=environment(PYTHONPATH=path), timeout=300)
        self.assertRegex(done.out, r"\d+ passed", done.err)
        self.assertEqual((int(re.search(r"(\d+) passed", done.out)[1]), "failed" in done.out.rpartition("\n=")[2], done.code), (PASSED, False, 0), done.out[-3000:])

    def test_peewee(self):
        path = fetched(lambda: pypi.install(LOCK, ["peewee"], "databases-peewee"))
        program = self.write("program.py", PEEWEE)
        found = self.output(f"--allow-write={self.folder}", program, env=environment(PYTHONPATH=str(path))).splitlines()
        self.assertEqual(found, ["UNIQUE constraint failed: person.name", "[('Bob', 1960, 500), ('Grandma', 1961, 500), ('Herb', 1962, 0)]",
                                 "BOB 0", "500 500 500"])


if __name__ == "__main__":
    unittest.main()
