"""Names for corpus.py, as a browser or an attacker gives them: they decide neither where nor as what a file is kept."""

from __future__ import annotations

#: Names under which an honest photo is sent; it is accepted under a name of ours.
PATHS: tuple[str, ...] = (
    "../ktp.jpg", "../../etc/passwd", "..\\..\\windows\\system32\\config", "....//....//ktp.jpg", "/etc/shadow",
    "//server/share/ktp.jpg", "\\\\server\\share\\ktp.jpg", "C:\\Users\\x\\ktp.jpg", "C:ktp.jpg",
    "file:///etc/hosts", "%2e%2e%2fktp.jpg", "..%c0%afktp.jpg", "~/.ssh/id_rsa", "CON", "NUL.jpg", "aux.jpg",
    "COM1.png", "LPT1", "ktp.jpg::$DATA", "a" * 4_000 + ".jpg", "é" * 2_000 + ".jpg", "ktp\r\nSet-Cookie: x=1.jpg",
    "ktp\n.jpg", "ktp\tfoto.jpg", '"; rm -rf /".jpg', "ktp'--.jpg", 'k"t"p.jpg', "ktp;filename=x.html",
    "<script>alert(1)</script>.jpg", "<img src=x onerror=1>.jpg", "{{7*7}}.jpg", "${jndi:ldap:x}.jpg", "📷🪪.jpg",
    "ktp\u202egpj.exe", "\u2066ktp\u2069.jpg", "ktp\u200b.jpg", "\ufeffktp.jpg",
    "\u06a9\u200c\u062a\u200c\u067e.jpg", ".", " ",
)  # fmt: skip

#: (name, declared type) under which content of another kind is sent: the content decides.
CLAIMS: tuple[tuple[str, str], ...] = (
    ("ktp.jpg", "image/jpeg"), ("ktp.jpeg.html", "image/jpeg"), ("ktp.html.jpg", "text/html"),
    ("ktp.jpg.", "image/jpeg"), ("ktp.jpg ", "image/jpeg"), ("ktp.php.jpg", "image/png"),
    ("ktp.svg", "image/svg+xml"), ("ktp.pdf", "application/pdf"), ("ktp", "application/octet-stream"),
    ("ktp.JPG.exe", "image/jpeg"), ("ktp\u202egpj.html", "image/jpeg"), ("ktp.shtml", ""),
)  # fmt: skip
