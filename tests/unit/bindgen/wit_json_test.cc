#include "bindgen/wit_json.hh"

#include "bindgen/schema.hh"
#include "contracts.hh"

namespace pylon::bindgen {
namespace {

std::string interface_with(const std::string& body) {
  return "package t:t;\ninterface i { " + body + " }\nworld w { export i; }\n";
}

struct Refused {
  const char* body;
  const char* message;
};

TEST(WitJson, NamesTheItemThatCannotBeUsed) {
  const Refused kCases[] = {
      {"f: func(a: stream<u8>);",
       "test.wit, interface i, function f: the type stream is not supported"},
      {"f: func() -> future<u8>;",
       "test.wit, interface i, function f: the type future is not supported"},
      {"f: async func();", "test.wit, interface i, function f: async functions are not supported"},
      {"resource r { drop: func(); }",
       "test.wit, interface i, function [method]r.drop: a resource's own function may not be "
       "called drop"},
  };
  for (const Refused& one : kCases) {
    auto contract = contract_of(interface_with(one.body));
    ASSERT_FALSE(contract) << one.body;
    EXPECT_EQ(contract.error().text(), one.message);
    EXPECT_EQ(contract.error().kind(), ErrorKind::kInput);
  }
}

TEST(WitJson, RefusesWorldsThatCannotBeBound) {
  EXPECT_EQ(contract_of("package t:t;\nworld w { export f: func(); }").error().text(),
            "test.wit, world w: f is a function of the world itself");
  EXPECT_EQ(contract_of("package t:t;\nworld w { }").error().text(),
            "test.wit, world w: exports no interface, so there is nothing to bind");
  EXPECT_EQ(
      contract_of("package t:t;\nworld w { export i: interface { f: func(); } }").error().text(),
      "test.wit, world w: interface i is defined inside of the world");
  std::string two =
      "package t:t;\ninterface i { f: func(); }\nworld a { export i; }\nworld b { export i; }";
  EXPECT_EQ(contract_of(two).error().text(), "test.wit: has several worlds: a, b");
  EXPECT_TRUE(contract_of(two, "b"));
  EXPECT_EQ(contract_of(two, "c").error().text(), "test.wit: has no world c, but a, b");
  EXPECT_EQ(contract_of("package t:t;\ninterface i { resource r; f: func(); }\ninterface j { use "
                        "i.{r}; g: func(a: r); }\n"
                        "world w { import i; export j; }")
                .error()
                .text(),
            "test.wit, interface j, type r: the resource i.r belongs to an interface that is not "
            "exported");
}

// A handle in a callback, at any depth, named by interface, function and parameter.
TEST(WitJson, RefusesResourcesInCallbacks) {
  const Refused kCases[] = {
      {"f: func(n: u8, a: borrow<r>);", "the parameter a"},
      {"f: func(a: r);", "the parameter a"},
      {"f: func() -> r;", "the result"},
      {"f: func() -> result<list<option<r>>, string>;", "the result"},
      {"record p { x: u8, y: tuple<string, r> } type q = list<p>; f: func(many: q);",
       "the parameter many"},
      {"variant v { a, b(r) } f: func(v: v);", "the parameter v"},
  };
  for (const char* resource : {"resource r;", "resource r { m: func(); }"})
    for (const Refused& one : kCases) {
      auto contract = contract_of("package t:t;\ninterface i { " + std::string(resource) +
                                  " g: func() -> r; }\ninterface back { use i.{r}; " + one.body +
                                  " }\nworld w { import back; export i; }");
      ASSERT_FALSE(contract) << one.body;
      EXPECT_EQ(contract.error().text(),
                "test.wit, interface back, function f: " + std::string(one.message) +
                    " holds a resource, which a callback can neither take nor return");
      EXPECT_NE(contract.error().hint(), "");
    }
}

TEST(WitJson, SortsInterfacesByWhatTheyAre) {
  auto contract = contract_of(
      "package t:t@0.1.0;\ninterface types { record p { x: u8 } type unused = u8; }\n"
      "interface back { use types.{p}; call: func(a: p); }\ninterface i { use types.{p as q}; f: "
      "func() -> q; }\n"
      "world w { import back; export i; }");
  ASSERT_TRUE(contract) << contract.error().text();
  ASSERT_EQ(contract->interfaces.size(), 3u);
  EXPECT_EQ(contract->interfaces[0].role, Interface::kExported);
  EXPECT_EQ(contract->interfaces[0].id, "t:t/i@0.1.0");
  EXPECT_EQ(contract->interfaces[0].functions[0].method, "f");
  EXPECT_EQ(contract->interfaces[1].role, Interface::kCallbacks);
  EXPECT_EQ(contract->interfaces[1].functions[0].method, "back.call");
  EXPECT_EQ(contract->interfaces[2].role, Interface::kTypesOnly);
  ASSERT_EQ(contract->types.size(), 1u);
  EXPECT_EQ(contract->interfaces[0].names[0].name, "q");
  EXPECT_EQ(contract->interfaces[0].names[0].type, contract->interfaces[2].names[0].type);
  EXPECT_EQ(contract->interfaces[2].names.size(), 1u);
}

TEST(WitJson, ResolvesAliasesAndSharesTypes) {
  auto contract = contract_of(interface_with(
      "type a = list<u8>; type b = list<a>; f: func(x: b, y: list<list<u8>>) -> option<b>;"));
  ASSERT_TRUE(contract) << contract.error().text();
  const Function& function = contract->interfaces[0].functions[0];
  EXPECT_EQ(function.params[0].type, function.params[1].type);
  EXPECT_EQ(contract->type(function.params[0].type).element().code, TypeRef::kBytes);
  EXPECT_EQ(contract->types.size(), 2u);
}

TEST(WitJson, SurvivesWhatIsNoWit) {
  for (const char* json :
       {"", "[]", "{}", "{\"packages\":[]}",
        "{\"packages\":[{\"name\":\"a:b\",\"worlds\":{\"w\":0}}]}",
        "{\"packages\":[{\"name\":\"a b\",\"worlds\":{\"w\":0}}],\"worlds\":[{}]}"})
    EXPECT_FALSE(read_contract(json, "x", "")) << json;
}

// A type that contains itself, which no WIT says.
TEST(WitJson, RefusesTypesThatContainThemselves) {
  std::string json =
      R"({"packages":[{"name":"a:b","worlds":{"w":0}}],"worlds":[{"name":"w","imports":{},"exports":{"i":{"interface":{"id":0}}}}],
      "interfaces":[{"name":"i","package":0,"types":{"t":0},"functions":{}}],
      "types":[{"name":"t","kind":{"list":0},"owner":{"interface":0}}]})";
  auto contract = read_contract(json, "x", "");
  ASSERT_FALSE(contract);
  EXPECT_EQ(contract.error().text(),
            "x, interface i, type t: not what `wasm-tools component wit --json` prints");
}

}  // namespace
}  // namespace pylon::bindgen
