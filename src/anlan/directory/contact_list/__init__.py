"""Bringing the directory in line with a list of contacts, in few queries however long the list.

For each (division, post, role) in the list, the list is right: whoever is not in it leaves at `at`, whoever is new begins at
`at`. People are recognised by registration number, by name and a number they use, or by name on the same post. An empty cell
leaves what is known.
"""

from anlan.directory.contact_list.apply import apply_contacts

__all__ = ["apply_contacts"]
