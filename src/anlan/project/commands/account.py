"""`anlan account add`: a sign-in for a person, with the post that gives the rights."""

from __future__ import annotations

import argparse

from anlan.project.cli import use_django
from anlan.vocab.posts import PostKind


def run(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="anlan account", description="Make a sign-in for a person.")
    parser.add_argument("action", choices=["add"])
    parser.add_argument("username")
    parser.add_argument("--name", required=True, help="the person's name as in the directory")
    parser.add_argument("--division", required=True, help="12-digit code where the post sits")
    parser.add_argument("--post", required=True, choices=[kind.value for kind in PostKind])
    parser.add_argument(
        "--password", help="default: one is made and printed once, to be changed at the first sign-in"
    )
    options = parser.parse_args(arguments)
    use_django()
    from anlan.journal import clocks
    from anlan.kernel.actor import system
    from anlan.project.people import add_account

    password = add_account(
        options.username,
        name=options.name,
        division_code=options.division,
        kind=PostKind(options.post),
        password=options.password,
        by=system("cli"),
        at=clocks.now(clocks.default_exercise_id()),
    )
    print(f"{options.username} may sign in" + ("" if options.password else f" with the password {password}"))
    return 0
