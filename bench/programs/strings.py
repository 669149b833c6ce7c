"""Text: splitting, joining, replacing, formatting, encoding."""


def run():
    lines = [f"{i:05d};name {i};{i * 1.5:.2f};{'x' * (i % 20)}" for i in range(4000)]
    text = "\n".join(lines)
    total = 0
    for line in text.splitlines():
        number, name, price, rest = line.split(";")
        total += int(number) + len(name.title()) + int(float(price)) + len(rest.strip("x"))
        total += len("%s=%s" % (name.upper(), rest.replace("x", "yz")))
    joined = "".join(reversed(text))
    encoded = text.encode("utf-8") + joined.translate({ord("x"): "\u00e9"}).encode("utf-16-le")
    return [total, len(encoded), text.count("name 1"), joined.find("1 eman"), len(encoded.decode("latin-1"))]
