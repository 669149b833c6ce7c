"""Certificates and the names of objects in them."""

from _pylon_caps import seal
from _ssl import cap
from _ssl.constants import _PURPOSES, ENCODING_DER, ENCODING_PEM
from _ssl.errors import checked
from _ssl.host import content
from _ssl.native import not_made


@seal
class Certificate:
    """A certificate of a chain."""

    __module__ = "_ssl"
    __slots__ = ("_der",)
    __new__ = not_made

    @classmethod
    def _of(cls, der):
        self = object.__new__(cls)
        self._der = der
        return self

    def public_bytes(self, format=ENCODING_PEM):
        """The certificate as text (ENCODING_PEM) or bytes (ENCODING_DER)."""
        if format == ENCODING_DER:
            return self._der
        if format != ENCODING_PEM:
            raise ValueError("Unsupported format")
        from binascii import b2a_base64

        lines = (b2a_base64(self._der[at:at + 48]).decode() for at in range(0, len(self._der), 48))
        return f"-----BEGIN CERTIFICATE-----\n{''.join(lines)}-----END CERTIFICATE-----\n"

    def get_info(self):
        """What getpeercert() says of a certificate."""
        return described(self._der)

    def __repr__(self):
        return f"<_ssl.Certificate '{cap.x509.subject_line(self._der)}'>"

    def __eq__(self, other):
        return self._der == other._der if isinstance(other, Certificate) else NotImplemented

    def __hash__(self):
        return hash(self._der)


def described(der):
    """A certificate as the dictionary of getpeercert()."""
    def name(sets):
        return tuple(tuple(tuple(pair) for pair in each) for each in sets)

    cap.load()
    found = checked(cap.x509.describe, der)
    out = {"subject": name(found.subject), "issuer": name(found.issuer), "version": found.version, "serialNumber": found.serial_number,
           "notBefore": found.not_before, "notAfter": found.not_after}
    if found.alternative_names:
        out["subjectAltName"] = tuple(tuple(each.value) if each.tag == "text" else ("DirName", name(each.value)) for each in found.alternative_names)
    for key, values in (("OCSP", found.status_services), ("caIssuers", found.issuer_locations), ("crlDistributionPoints", found.revocation_lists)):
        if values:
            out[key] = tuple(values)
    return out


def _test_decode_cert(path, /):
    """The description of the certificate in a PEM file."""
    cap.load()
    return described(checked(cap.x509.from_pem, content(path)))


def txt2obj(txt, name=False):
    """Lookup NID, short name, long name and OID of an ASN1_OBJECT.

    By default objects are looked up by OID. With name=True short and
    long name are also matched."""
    if txt in _PURPOSES and not name:
        return _PURPOSES[txt]
    cap.load()
    found = cap.x509.object_by_text(txt, name)
    if found is None:
        raise ValueError(f"unknown object '{txt:.100}'")
    return tuple(found)


def nid2obj(nid, /):
    """Lookup NID, short name, long name and OID of an ASN1_OBJECT by NID."""
    if nid < 0:
        raise ValueError("NID must be positive.")
    cap.load()
    found = cap.x509.object_by_number(nid)
    if found is None:
        raise ValueError(f"unknown NID {nid}")
    return tuple(found)
