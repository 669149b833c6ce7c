"""The library, its slots and tokens, sessions, and the objects of a token."""

import _pkcs11_cap as _cap

from . import defaults as _defaults, exceptions as _exceptions
from .constants import Attribute, MechanismFlag, ObjectClass, SlotFlag, TokenFlag, UserType
from .mechanisms import KeyType, Mechanism
from .values import from_cap, mechanism, template, to_cap


def call(function, *arguments):
    """Calls the cap; a return value other than CKR_OK is its exception."""
    try:
        return function(*arguments)
    except _cap.Error as error:
        raise _exceptions._exception_of(error.value) from None


def _pin(pin):
    return pin.encode() if isinstance(pin, str) else bytes(pin)


def _data(data):
    """What is signed or encrypted: a text, bytes, or pieces of bytes."""
    if isinstance(data, str):
        return data.encode()
    return data if isinstance(data, (bytes, bytearray, memoryview)) else b"".join(data)


class Lib:
    """The tokens of a directory, else those in memory."""

    def __init__(self, directory=None):
        if directory is not None:
            call(_cap.initialise, directory)
        info = call(_cap.info)
        self.cryptoki_version, self.library_version = info.cryptoki_version, info.version
        self.manufacturer_id, self.library_description, self.token_directory = info.manufacturer, info.description, info.directory

    def get_slots(self, token_present=False):
        return [Slot(number) for number in call(_cap.slots, token_present)]

    def get_tokens(self, token_label=None, token_serial=None, token_flags=None, slot_flags=None, mechanisms=None):
        """The tokens for which all that is given holds."""
        for slot in self.get_slots(token_present=True):
            token = slot.get_token()
            if (token_label in (None, token.label) and token_serial in (None, token.serial) and (token_flags is None or token.flags & token_flags)
                    and (slot_flags is None or slot.flags & slot_flags) and (mechanisms is None or set(mechanisms) <= slot.get_mechanisms())):
                yield token

    def get_token(self, **wanted):
        """The only token for which that holds."""
        found = list(self.get_tokens(**wanted))
        if not found:
            raise _exceptions.NoSuchToken(f"no token matches {wanted}")
        if len(found) > 1:
            raise _exceptions.MultipleTokensReturned(f"more than one token matches {wanted}")
        return found[0]

    def init_token(self, label, so_pin, user_pin=None):
        """A new token; with user_pin, one that its user can use."""
        slot = next(slot for slot in self.get_slots(token_present=True) if not slot.get_token().flags & TokenFlag.TOKEN_INITIALIZED)
        slot.init_token(label, so_pin)
        if user_pin is not None:
            with slot.get_token().open(rw=True, so_pin=so_pin) as session:
                session.init_pin(user_pin)
        return slot.get_token()


class MechanismInfo:
    """Which keys a mechanism takes, and what it can be used for."""

    def __init__(self, slot, kind, info):
        self.slot, self.mechanism, self.flags = slot, kind, MechanismFlag(info.flags)
        self.min_key_length, self.max_key_length = info.key_sizes


class Slot:
    """Where a token is."""

    def __init__(self, number):
        info = call(_cap.get_slot_info, number)
        self.slot_id, self.slot_description, self.manufacturer_id = number, info.description, info.manufacturer
        self.flags, self.hardware_version, self.firmware_version = SlotFlag(info.flags), info.hardware_version, info.firmware_version

    def get_token(self):
        return Token(self, call(_cap.get_token_info, self.slot_id))

    def get_mechanisms(self):
        """Those that have a name here; others as their numbers."""
        known = set(Mechanism)
        return {Mechanism(number) if number in known else number for number in call(_cap.mechanisms, self.slot_id)}

    def get_mechanism_info(self, mechanism):
        return MechanismInfo(self, mechanism, call(_cap.get_mechanism_info, self.slot_id, mechanism))

    def init_token(self, label, so_pin):
        """Makes the token here, or empties the one that is here, whose security officer has that PIN."""
        call(_cap.initialise_token, self.slot_id, _pin(so_pin), label)

    def __eq__(self, other):
        return isinstance(other, Slot) and self.slot_id == other.slot_id

    def __hash__(self):
        return hash(self.slot_id)

    def __repr__(self):
        return f"<Slot {self.slot_id}: {self.slot_description}>"


class Token:
    """What holds keys."""

    def __init__(self, slot, info):
        self.slot, self.label, self.serial, self.manufacturer_id, self.model = slot, info.label, info.serial.encode(), info.manufacturer, info.model
        self.flags, self.hardware_version, self.firmware_version = TokenFlag(info.flags), info.hardware_version, info.firmware_version

    def open(self, rw=False, user_pin=None, so_pin=None, user_type=None):
        """A session, logged in as the user or the security officer if a PIN is given."""
        if user_pin is not None and so_pin is not None:
            raise _exceptions.ArgumentsBad("give user_pin or so_pin, not both")
        session = Session(self, rw, call(_cap.Session.open, self.slot.slot_id, rw))
        pin = so_pin if user_pin is None else user_pin
        if pin is not None:
            session._login(user_type if user_type is not None else UserType.SO if user_pin is None else UserType.USER, pin)
        return session

    def __eq__(self, other):
        return isinstance(other, Token) and self.slot == other.slot and self.serial == other.serial

    def __hash__(self):
        return hash(self.serial)

    def __str__(self):
        return self.label

    def __repr__(self):
        return f"<Token {self.label!r}>"


class Session:
    """What all work with a token is done in."""

    def __init__(self, token, rw, handle):
        self.token, self.rw, self.user_type, self._handle = token, rw, None, handle

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Ends the session, and the login that it made."""
        if self.user_type is not None:
            self.user_type = None
            call(self._handle.logout)
        self._handle.close()

    def _login(self, user_type, pin):
        try:
            call(self._handle.login, user_type, _pin(pin))
        except _exceptions.PKCS11Error:
            self._handle.close()
            raise
        self.user_type = user_type

    def init_pin(self, pin):
        """Sets the user's PIN, as the security officer."""
        call(self._handle.initialise_pin, _pin(pin))

    def set_pin(self, old_pin, new_pin):
        call(self._handle.set_pin, _pin(old_pin), _pin(new_pin))

    def seed_random(self, seed):
        call(self._handle.seed_random, seed)

    def generate_random(self, nbits):
        return call(self._handle.random, nbits // 8)

    def digest(self, data, *, mechanism=None, mechanism_param=None):
        if isinstance(data, Key):
            raise _exceptions.KeyIndigestible("this token does not hash keys")
        return call(self._handle.digest, _mechanism(mechanism, mechanism_param), _data(data))

    def get_objects(self, attrs=None):
        """Those that have all of these attributes."""
        for handle in call(self._handle.find, template(attrs)):
            yield self._object(handle)

    def get_key(self, object_class=None, key_type=None, label=None, id=None):
        """The only key that matches."""
        wanted = {Attribute.CLASS: object_class, Attribute.KEY_TYPE: key_type, Attribute.LABEL: label, Attribute.ID: id}
        if all(value is None for value in wanted.values()):
            raise _exceptions.ArgumentsBad("say at least one thing of the key")
        found = call(self._handle.find, template(wanted))
        if not found:
            raise _exceptions.NoSuchKey(f"no key matches {label or id or key_type or object_class!r}")
        if len(found) > 1:
            raise _exceptions.MultipleObjectsReturned(f"{len(found)} keys match {label or id or key_type or object_class!r}")
        return self._object(found[0])

    def create_object(self, attrs):
        return self._object(call(self._handle.create, template(attrs)))

    def create_domain_parameters(self, key_type, attrs, local=False, store=False):
        """What keys of that type have in common. `local`: known here alone, not to the token."""
        attrs = {Attribute.CLASS: ObjectClass.DOMAIN_PARAMETERS, Attribute.KEY_TYPE: key_type, Attribute.TOKEN: store, **attrs}
        if local:
            return DomainParameters(self, None, attrs)
        return self.create_object(attrs)

    def generate_key(self, key_type, key_length=None, id=None, label=None, store=False, capabilities=None, mechanism=None, mechanism_param=None, template=None):
        """A new secret key; its length is in bits."""
        how = _mechanism(mechanism, mechanism_param, _defaults.GENERATE, key_type)
        attributes = _merged(_secret(key_type, id, label, store, capabilities), {Attribute.VALUE_LEN: _bytes_of(key_type, key_length)}, template)
        return self._object(call(self._handle.generate_key, how, attributes))

    def generate_keypair(self, key_type, key_length=None, **options):
        """A new public and private key; its length is in bits."""
        if key_type == KeyType.RSA:
            common = {Attribute.MODULUS_BITS: key_length, Attribute.PUBLIC_EXPONENT: b"\1\0\1"}
        else:
            raise _exceptions.ArgumentsBad("keys of this type are generated from domain parameters: create_domain_parameters(...).generate_keypair()")
        return self._generate_keypair(key_type, common, **options)

    def _generate_keypair(self, key_type, common, id=None, label=None, store=False, capabilities=None, mechanism=None, mechanism_param=None,
                          public_template=None, private_template=None):
        how = _mechanism(mechanism, mechanism_param, _defaults.GENERATE, key_type)
        public = _merged(_common(ObjectClass.PUBLIC_KEY, None, id, label, store), _uses(_defaults.PUBLIC_USES, key_type, capabilities), common, public_template)
        private = _merged(_common(ObjectClass.PRIVATE_KEY, None, id, label, store), _uses(_defaults.PRIVATE_USES, key_type, capabilities),
                          {Attribute.PRIVATE: True, Attribute.SENSITIVE: True}, private_template)
        first, second = call(self._handle.generate_key_pair, how, public, private)
        return self._object(first), self._object(second)

    def _object(self, handle):
        kind = from_cap(Attribute.CLASS, call(self._handle.get, handle, Attribute.CLASS))
        return _CLASSES.get(kind, Object)(self, handle)


# The parameters `mechanism` and `template` of methods hide the functions of that name.
_mechanism, _merged = mechanism, template


def _common(object_class, key_type, id, label, store):
    return {Attribute.CLASS: object_class, Attribute.KEY_TYPE: key_type, Attribute.ID: id or b"", Attribute.LABEL: label or "", Attribute.TOKEN: store}


def _uses(attributes, key_type, capabilities):
    """Each use as an attribute."""
    if capabilities is None:
        capabilities = _defaults.CAPABILITIES.get(key_type)
    if capabilities is None:
        raise _exceptions.ArgumentsBad("there are no default capabilities for this type of key: name them")
    return {attribute: bool(flag & capabilities) for attribute, flag in attributes.items()}


def _secret(key_type, id, label, store, capabilities):
    return {**_common(ObjectClass.SECRET_KEY, key_type, id, label, store), Attribute.PRIVATE: True, Attribute.SENSITIVE: True,
            **_uses(_defaults.SECRET_USES, key_type, capabilities)}


def _bytes_of(key_type, bits):
    """The length of a secret key, where its type does not say it."""
    return None if key_type in (KeyType.DES2, KeyType.DES3) or bits is None else bits // 8


class Object:
    """An object of a token. `object[Attribute...]` is an attribute's value."""

    def __init__(self, session, handle):
        self.session, self.handle = session, handle

    def __getitem__(self, kind):
        return from_cap(kind, call(self.session._handle.get, self.handle, kind))

    def __setitem__(self, kind, value):
        call(self.session._handle.set, self.handle, [_cap.Attribute((kind, to_cap(kind, value)))])

    def __eq__(self, other):
        return isinstance(other, Object) and self.session is other.session and self.handle == other.handle

    def __hash__(self):
        return hash(self.handle)

    @property
    def object_class(self):
        return self[Attribute.CLASS]

    def copy(self, attrs):
        return self.session._object(call(self.session._handle.copy, self.handle, template(attrs)))

    def destroy(self):
        call(self.session._handle.destroy, self.handle)


class Certificate(Object):
    """A certificate."""


class DomainParameters(Object):
    """What keys of a type have in common: a curve, a group."""

    def __init__(self, session, handle, attrs=None):
        super().__init__(session, handle)
        self._attrs = attrs

    def __getitem__(self, kind):
        return super().__getitem__(kind) if self._attrs is None else self._attrs[kind]

    @property
    def key_type(self):
        return self[Attribute.KEY_TYPE]

    _OF = {KeyType.EC: (Attribute.EC_PARAMS,), KeyType.EC_EDWARDS: (Attribute.EC_PARAMS,), KeyType.DH: (Attribute.PRIME, Attribute.BASE),
           KeyType.DSA: (Attribute.PRIME, Attribute.SUBPRIME, Attribute.BASE)}

    def generate_keypair(self, **options):
        return self.session._generate_keypair(self.key_type, {kind: self[kind] for kind in self._OF[self.key_type]}, **options)


class Key(Object):
    """A key: what it may be used for, it does; what not, the token refuses."""

    @property
    def id(self):
        return self[Attribute.ID]

    @property
    def label(self):
        return self[Attribute.LABEL]

    @property
    def key_type(self):
        return self[Attribute.KEY_TYPE]

    def __repr__(self):
        return f"<{type(self).__name__} label={self.label!r} id={self.id.hex()!r} {self.key_type!r}>"

    def _do(self, method, choices, mechanism, parameter, *arguments):
        how = _mechanism(mechanism, parameter, choices, self.key_type if mechanism is None else None)
        return call(method, how, self.handle, *arguments)


class _Encrypts(Key):
    def encrypt(self, data, mechanism=None, mechanism_param=None):
        return self._do(self.session._handle.encrypt, _defaults.ENCRYPT, mechanism, mechanism_param, _data(data))

    def wrap_key(self, key, mechanism=None, mechanism_param=None):
        return self._do(self.session._handle.wrap, _defaults.WRAP, mechanism, mechanism_param, key.handle)


class _Decrypts(Key):
    def decrypt(self, data, mechanism=None, mechanism_param=None):
        return self._do(self.session._handle.decrypt, _defaults.ENCRYPT, mechanism, mechanism_param, _data(data))

    def unwrap_key(self, object_class, key_type, key_data, id=None, label=None, mechanism=None, mechanism_param=None, store=False, capabilities=None, template=None):
        uses = _defaults.SECRET_USES if object_class == ObjectClass.SECRET_KEY else _defaults.PRIVATE_USES
        attributes = _merged(_common(object_class, key_type, id, label, store), _uses(uses, key_type, capabilities),
                             {Attribute.PRIVATE: True, Attribute.SENSITIVE: True}, template)
        return self.session._object(self._do(self.session._handle.unwrap, _defaults.WRAP, mechanism, mechanism_param, key_data, attributes))


class _Signs(Key):
    def sign(self, data, mechanism=None, mechanism_param=None):
        return self._do(self.session._handle.sign, _defaults.SIGN, mechanism, mechanism_param, _data(data))


class _Verifies(Key):
    def verify(self, data, signature, mechanism=None, mechanism_param=None):
        """True if it is the data's signature."""
        try:
            self._do(self.session._handle.verify, _defaults.SIGN, mechanism, mechanism_param, _data(data), signature)
        except (_exceptions.SignatureInvalid, _exceptions.SignatureLenRange):
            return False
        return True


class _Derives(Key):
    def derive_key(self, key_type, key_length, id=None, label=None, store=False, capabilities=None, mechanism=None, mechanism_param=None, template=None):
        attributes = _merged(_secret(key_type, id, label, store, capabilities), {Attribute.VALUE_LEN: _bytes_of(key_type, key_length)}, template)
        return self.session._object(self._do(self.session._handle.derive, _defaults.DERIVE, mechanism, mechanism_param, attributes))


class SecretKey(_Encrypts, _Decrypts, _Signs, _Verifies, _Derives):
    """A key that both sides share."""

    @property
    def key_length(self):
        return self[Attribute.VALUE_LEN] * 8


class PublicKey(_Encrypts, _Verifies):
    """The public part of a key pair."""

    @property
    def key_length(self):
        return len(self[Attribute.MODULUS]) * 8


class PrivateKey(_Decrypts, _Signs, _Derives):
    """The private part of a key pair: usually it never leaves the token."""

    @property
    def key_length(self):
        return len(self[Attribute.MODULUS]) * 8


_CLASSES = {
    ObjectClass.SECRET_KEY: SecretKey, ObjectClass.PUBLIC_KEY: PublicKey, ObjectClass.PRIVATE_KEY: PrivateKey, ObjectClass.CERTIFICATE: Certificate,
    ObjectClass.DOMAIN_PARAMETERS: DomainParameters,
}
