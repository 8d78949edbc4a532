"""How dates and numbers are written, by the viewer's choice (`accounts.models.Formats`).

`en` is everybody's ground: British, and with a form for each kind of date; the others change what differs.
Where nobody is signed in (API, commands, files), `en` holds too.
"""
