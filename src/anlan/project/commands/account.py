"""`anlan account add|list|reset|close|reopen`: who may sign in. A password that is made here is printed once."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from anlan.project.cli import use_django
from anlan.vocab.posts import PostKind

if TYPE_CHECKING:
    from anlan.accounts.administering import AccountLine


def run(arguments: list[str]) -> int:
    options = _parser().parse_args(arguments)
    use_django()
    from anlan.journal import clocks
    from anlan.kernel.actor import system
    from anlan.project import people

    by, at = system("cli"), clocks.now(clocks.default_exercise_id())
    if options.action == "list":
        lines = people.accounts(" ".join(options.words), by=by, at=at)
        print("\n".join(map(_line, lines)) or "There is no such account.")
    elif options.action == "close":
        people.close(options.username, by=by, at=at)
        print(f"{options.username} may sign in no more")
    elif options.action in ("reset", "reopen"):
        change = people.reset if options.action == "reset" else people.reopen
        print(f"{options.username} may sign in with the password {change(options.username, by=by, at=at)}")
    else:
        password = people.add_account(
            options.username,
            name=options.name,
            division_code=options.division,
            kind=PostKind(options.post),
            password=options.password,
            by=by,
            at=at,
        )
        print(
            f"{options.username} may sign in" + ("" if options.password else f" with the password {password}")
        )
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="anlan account", description="Who may sign in.")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    add = actions.add_parser("add", help="make an account for a person, with the post that gives the rights")
    add.add_argument("username")
    add.add_argument("--name", required=True, help="the person's name as in the directory")
    add.add_argument("--division", required=True, help="12-digit code where the post sits")
    add.add_argument("--post", required=True, choices=[kind.value for kind in PostKind])
    add.add_argument(
        "--password", help="default: one is made and printed once, to be changed at the first sign-in"
    )
    listing = actions.add_parser("list", help="show the accounts with the posts of their people")
    listing.add_argument("words", nargs="*", help="only those whose name, user name or division has them")
    for action, told in (
        ("reset", "make a new password and print it once; what is open in a browser ends"),
        ("close", "nobody signs in with this account any more"),
        ("reopen", "open a closed account again, with a new password that is printed once"),
    ):
        actions.add_parser(action, help=told).add_argument("username")
    return parser


def _line(line: AccountLine) -> str:
    user, person = line.user, line.user.person
    state = (
        "closed"
        if not user.is_active
        else "must change the password"
        if user.must_change_password
        else "open"
    )
    seen = user.last_login.astimezone().strftime("%Y-%m-%d %H:%M") if user.last_login else "never signed in"
    held = ", ".join(f"{title[1]} at {place}" for title, place in line.posts) or "no post"
    who = "" if person is None else f"{person.name} ({person.division.name})"
    return "  ".join((user.get_username(), who, held, seen, state))
