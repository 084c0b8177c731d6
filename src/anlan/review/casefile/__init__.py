"""The case file (案卷): one archive of an incident that is readable without the program. A Chinese paper like the others."""
