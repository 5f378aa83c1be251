"""The map of the house: eight floors, each may import only floors below it (`tests/test_house.py` reads every import).

7  app.py, lib/__main__.py, lib/cli/           the two front doors: browser and shell
6  pages/                                      agendas: what a person looks at, in order
5  lib/ui/                                     the only Streamlit and Altair code
4  lib/commands/, lib/demo/                    what can be changed
   lib/exports.py, lib/papers/, lib/post.py, lib/alerts.py    what leaves the house: files, papers, mail
3  lib/metrics/, lib/review/                   what is measured, and what a review reads of it
2  lib/store/, lib/sql/                        the file, named queries, the write door, migrations, safety
1  lib/domain/                                 pure functions: roles, parsing, matching, statistics, stages
0  lib/text.py, lib/terms.py, lib/term_columns.py, lib/term_voice.py, lib/term_review.py,
   lib/term_values.py, lib/formats.py, lib/errors.py    words
   lib/colours.py                              colours
"""
