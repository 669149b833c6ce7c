#include "fuse/emit.hh"

#include <algorithm>

#include "wasm/memory_image.hh"
#include "wasm/names.hh"
#include "wasm/writer.hh"

namespace pylon::fuse {
namespace {

using wasm::ExternKind;
using wasm::SectionId;
using wasm::Writer;

std::uint8_t id_of(SectionId id) {
  return static_cast<std::uint8_t>(id);
}

// Names of the frame's exports.
std::string constant_name(const Library& library, const wasm::Import& import) {
  return "constant/" + library.name + "/" + import.module + "/" + import.field;
}
std::string stub_name(const Library& library, const std::string& function) {
  return "undefined/" + library.name + "/" + function;
}
std::string tag_name(const std::string& tag) {
  return "pylon:tag/" + tag;
}

bool is_stack_pointer(const wasm::Import& import) {
  return import.type.kind == ExternKind::kGlobal && import.module == "env" &&
         import.field == "__stack_pointer";
}

// True for what the linker resolves; everything else stays an import of the result.
bool is_linked(const wasm::Import& import) {
  return import.module == "env" || import.module == "GOT.mem" || import.module == "GOT.func";
}

class LibraryEmitter {
 public:
  LibraryEmitter(const Linkage& linkage, std::size_t index, const LibraryImage& image,
                 bool keep_names)
      : linkage_(linkage),
        index_(index),
        library_(linkage.libraries[index]),
        image_(image),
        keep_names_(keep_names) {
    for (const ResolvedWrap& wrap : linkage.wraps)
      if (wrap.library == index) wraps_.push_back(&wrap);
  }

  Result<Bytes> run();

 private:
  Result<void> section(const wasm::Section& section);
  std::pair<std::string, std::string> target(const wasm::Import& import) const;
  void imports();
  void functions();
  void globals();
  void exports();
  void elements();
  void code();
  void data();
  Result<void> names();
  Bytes jump(const ResolvedWrap& wrap) const;

  const Linkage& linkage_;
  std::size_t index_;
  const Library& library_;
  const LibraryImage& image_;
  bool keep_names_;
  std::vector<const ResolvedWrap*> wraps_;
  Writer out_;
};

// Where an import comes from in the merge.
std::pair<std::string, std::string> LibraryEmitter::target(const wasm::Import& import) const {
  std::string frame(kFrame);
  if (!is_linked(import)) return {import.module, import.field};
  if (import.type.kind == ExternKind::kGlobal && !is_stack_pointer(import))
    return {frame, constant_name(library_, import)};
  if (import.type.kind == ExternKind::kFunction) {
    auto it = linkage_.function_providers.find(import.field);
    if (it != linkage_.function_providers.end()) {
      const Library& provider = linkage_.libraries[it->second];
      return {provider.name, merge_name(provider, import.field)};
    }
    return {frame, import.field == kConstruct ? import.field : stub_name(library_, import.field)};
  }
  if (import.type.kind == ExternKind::kTag) {
    auto it = linkage_.tag_providers.find(import.field);
    if (it == linkage_.tag_providers.end()) return {frame, tag_name(import.field)};
    return {linkage_.libraries[it->second].name, tag_name(import.field)};
  }
  return {frame, import.field};
}

void LibraryEmitter::imports() {
  Writer body;
  body.u32(static_cast<std::uint32_t>(library_.module.imports.size()));
  for (const wasm::Import& import : library_.module.imports) {
    auto [module, field] = target(import);
    body.name(module).name(field).u8(static_cast<std::uint8_t>(import.type.kind));
    bool constant =
        import.type.kind == ExternKind::kGlobal && is_linked(import) && !is_stack_pointer(import);
    if (constant) {
      body.u8(wasm::kI32).u8(0);
    } else {
      body.bytes(import.encoded_type);
    }
  }
  out_.section(id_of(SectionId::kImport), body.data());
}

void LibraryEmitter::functions() {
  Writer body;
  body.u32(static_cast<std::uint32_t>(library_.module.functions.size() + wraps_.size()));
  for (std::uint32_t type : library_.module.functions) body.u32(type);
  for (const ResolvedWrap* wrap : wraps_)
    body.u32(library_.module.function_type_index(wrap->index));
  out_.section(id_of(SectionId::kFunction), body.data());
}

void LibraryEmitter::globals() {
  Writer body;
  std::size_t imported = library_.module.imported(ExternKind::kGlobal);
  body.u32(static_cast<std::uint32_t>(library_.module.globals.size()));
  for (std::size_t i = 0; i < library_.module.globals.size(); ++i)
    body.u8(wasm::kI32).u8(0).i32_expression(image_.globals[imported + i].value_or(0));
  out_.section(id_of(SectionId::kGlobal), body.data());
}

void LibraryEmitter::exports() {
  Writer body;
  const auto& needed = linkage_.needed_exports[index_];
  std::vector<std::string> tags;
  for (const auto& [name, index] : library_.tags)
    if (linkage_.tag_providers.at(name) == index_) tags.push_back(name);
  std::sort(tags.begin(), tags.end());
  body.u32(static_cast<std::uint32_t>(needed.size() + tags.size()));
  for (const std::string& name : needed)
    body.name(merge_name(library_, name))
        .u8(static_cast<std::uint8_t>(ExternKind::kFunction))
        .u32(library_.functions.at(name));
  for (const std::string& name : tags)
    body.name(tag_name(name))
        .u8(static_cast<std::uint8_t>(ExternKind::kTag))
        .u32(library_.tags.at(name));
  out_.section(id_of(SectionId::kExport), body.data());
}

void LibraryEmitter::elements() {
  Writer body;
  body.u32(static_cast<std::uint32_t>(library_.module.elements.size()));
  for (std::size_t i = 0; i < library_.module.elements.size(); ++i) {
    const wasm::ElementSegment& segment = library_.module.elements[i];
    body.u32(0)
        .i32_expression(image_.element_starts[i])
        .u32(static_cast<std::uint32_t>(segment.functions.size()));
    for (std::uint32_t function : segment.functions) body.u32(function);
  }
  out_.section(id_of(SectionId::kElement), body.data());
}

// A body that calls `__wrap_FUNCTION` through its constant slot with the arguments it was given.
Bytes LibraryEmitter::jump(const ResolvedWrap& wrap) const {
  Writer body;
  body.u32(0);
  std::size_t parameters = library_.module.function_type(wrap.index).parameters.size();
  for (std::uint32_t i = 0; i < parameters; ++i) body.u8(wasm::kLocalGet).u32(i);
  body.u8(wasm::kI32Const).s32(static_cast<std::int32_t>(wrap.slot));
  body.u8(wasm::kCallIndirect)
      .u32(library_.module.function_type_index(wrap.index))
      .u32(0)
      .u8(wasm::kEnd);
  return body.take();
}

void LibraryEmitter::code() {
  Writer body;
  const auto& bodies = library_.module.code;
  body.u32(static_cast<std::uint32_t>(bodies.size() + wraps_.size()));
  std::uint32_t index = library_.imported_functions();
  for (wasm::ByteView function : bodies) {
    auto it = std::find_if(wraps_.begin(), wraps_.end(),
                           [&](const ResolvedWrap* w) { return w->index == index; });
    if (it == wraps_.end()) {
      body.sized(function);
    } else {
      body.sized(jump(**it));
    }
    ++index;
  }
  for (const ResolvedWrap* wrap : wraps_)
    body.sized(bodies[wrap->index - library_.imported_functions()]);
  out_.section(id_of(SectionId::kCode), body.data());
}

void LibraryEmitter::data() {
  Writer body;
  body.u32(static_cast<std::uint32_t>(image_.data.size()));
  for (const PlacedData& data : image_.data)
    body.u32(0).i32_expression(data.address).sized(data.bytes);
  out_.section(id_of(SectionId::kData), body.data());
}

Result<void> LibraryEmitter::names() {
  PYLON_TRY(names, wasm::read_function_names(library_.module));
  std::uint32_t known = library_.module.total(ExternKind::kFunction);
  std::erase_if(names, [&](const auto& entry) { return entry.first >= known; });
  for (const ResolvedWrap* wrap : wraps_)
    names.emplace_back(wrap->real_index, "__real_" + wrap->function);
  out_.custom_section("name", wasm::write_function_names(names));
  return {};
}

Result<void> LibraryEmitter::section(const wasm::Section& section) {
  switch (static_cast<SectionId>(section.id)) {
    case SectionId::kCustom:
      return section.name == "name" && keep_names_ ? names() : Result<void>{};
    case SectionId::kImport:
      imports();
      return {};
    case SectionId::kFunction:
      functions();
      return {};
    case SectionId::kGlobal:
      globals();
      return {};
    case SectionId::kExport:
      exports();
      return {};
    case SectionId::kStart:
      return {};
    case SectionId::kElement:
      elements();
      return {};
    case SectionId::kCode:
      code();
      return {};
    case SectionId::kData:
      data();
      return {};
    default:
      out_.section(section.id, section.body);
      return {};
  }
}

Result<Bytes> LibraryEmitter::run() {
  out_.module_header();
  for (const wasm::Section& s : library_.module.sections) PYLON_CHECK(section(s));
  return out_.take();
}

// Builds the frame module.
class FrameEmitter {
 public:
  FrameEmitter(const Linkage& linkage, const std::vector<LibraryImage>& images)
      : linkage_(linkage), images_(images) {}

  Bytes run();

 private:
  std::uint32_t type(const wasm::FunctionType& type);
  void import_function(const Library& library, const std::string& name,
                       const wasm::FunctionType& type);
  void import_functions();
  void define_functions();
  void add_export(const std::string& name, ExternKind kind, std::uint32_t index);
  void define_globals();
  void define_tags();
  void write(SectionId id, std::uint32_t count, const Writer& body);

  const Linkage& linkage_;
  const std::vector<LibraryImage>& images_;
  std::vector<wasm::FunctionType> types_;
  Writer imports_, functions_, code_, globals_, tags_, exports_;
  std::uint32_t import_count_ = 0, function_count_ = 0, global_count_ = 0, tag_count_ = 0,
                export_count_ = 0;
  std::uint32_t first_initialiser_ = 0;
  wasm::FunctionNames names_;
  Writer out_;
};

std::uint32_t FrameEmitter::type(const wasm::FunctionType& wanted) {
  auto it = std::find(types_.begin(), types_.end(), wanted);
  if (it == types_.end()) it = types_.insert(it, wanted);
  return static_cast<std::uint32_t>(it - types_.begin());
}

void FrameEmitter::add_export(const std::string& name, ExternKind kind, std::uint32_t index) {
  exports_.name(name).u8(static_cast<std::uint8_t>(kind)).u32(index);
  ++export_count_;
}

void FrameEmitter::import_function(const Library& library, const std::string& name,
                                   const wasm::FunctionType& t) {
  imports_.name(library.name)
      .name(merge_name(library, name))
      .u8(static_cast<std::uint8_t>(ExternKind::kFunction))
      .u32(type(t));
  ++import_count_;
}

// First the functions of the table slots, in their order, then the initialisers.
void FrameEmitter::import_functions() {
  for (const TableSlot& slot : linkage_.slots)
    import_function(linkage_.libraries[slot.library], slot.function,
                    linkage_.type_of(slot.library, slot.function));
  first_initialiser_ = import_count_;
  for (std::size_t index : linkage_.order)
    if (std::string name = linkage_.libraries[index].initialiser(); !name.empty())
      import_function(linkage_.libraries[index], name, {});
}

void FrameEmitter::define_functions() {
  Writer construct;
  construct.u32(0);
  for (std::uint32_t i = first_initialiser_; i < import_count_; ++i)
    construct.u8(wasm::kCall).u32(i);
  construct.u8(wasm::kEnd);
  auto define = [&](const std::string& name, const wasm::FunctionType& t, const Bytes& body) {
    add_export(name, ExternKind::kFunction, import_count_ + function_count_++);
    names_.emplace_back(import_count_ + function_count_ - 1, name);
    functions_.u32(type(t));
    code_.sized(body);
  };
  define(std::string(kConstruct), {}, construct.data());
  const Bytes trap = Writer().u32(0).u8(wasm::kUnreachable).u8(wasm::kEnd).take();
  std::set<std::string> defined;
  for (const WeakStub& stub : linkage_.weak_stubs) {
    std::string name = stub_name(linkage_.libraries[stub.library], stub.function);
    if (defined.insert(name).second) define(name, stub.type, trap);
  }
}

void FrameEmitter::define_globals() {
  globals_.u8(wasm::kI32).u8(1).i32_expression(linkage_.image_start);
  add_export("__stack_pointer", ExternKind::kGlobal, global_count_++);
  std::set<std::string> defined;
  for (std::size_t i = 0; i < linkage_.libraries.size(); ++i) {
    std::size_t global = 0;
    for (const wasm::Import& import : linkage_.libraries[i].module.imports) {
      if (import.type.kind != ExternKind::kGlobal) continue;
      std::optional<std::uint32_t> value = images_[i].globals[global++];
      std::string name = constant_name(linkage_.libraries[i], import);
      if (!value || !defined.insert(name).second) continue;
      globals_.u8(wasm::kI32).u8(0).i32_expression(*value);
      add_export(name, ExternKind::kGlobal, global_count_++);
    }
  }
}

void FrameEmitter::define_tags() {
  std::set<std::string> defined;
  for (const Library& library : linkage_.libraries)
    for (const wasm::Import& import : library.module.imports) {
      if (import.type.kind != ExternKind::kTag || linkage_.tag_providers.contains(import.field))
        continue;
      if (!defined.insert(import.field).second) continue;
      tags_.u8(0).u32(type(library.module.types[import.type.type_index]));
      add_export(tag_name(import.field), ExternKind::kTag, tag_count_++);
    }
}

void FrameEmitter::write(SectionId id, std::uint32_t count, const Writer& body) {
  if (count == 0) return;
  out_.section(id_of(id), Writer().u32(count).bytes(body.data()).data());
}

Bytes FrameEmitter::run() {
  import_functions();
  define_functions();
  define_globals();
  define_tags();
  add_export("memory", ExternKind::kMemory, 0);
  add_export("__indirect_function_table", ExternKind::kTable, 0);
  Writer types;
  for (const wasm::FunctionType& t : types_)
    types.u8(wasm::kFunctionType).sized(t.parameters).sized(t.results);
  out_.module_header();
  write(SectionId::kType, static_cast<std::uint32_t>(types_.size()), types);
  write(SectionId::kImport, import_count_, imports_);
  write(SectionId::kFunction, function_count_, functions_);
  std::uint32_t size = linkage_.table_size;
  write(SectionId::kTable, 1, Writer().u8(wasm::kFuncref).u8(1).u32(size).u32(size));
  write(SectionId::kMemory, 1, Writer().u8(0).u32(linkage_.memory_size / 65536));
  write(SectionId::kTag, tag_count_, tags_);
  write(SectionId::kGlobal, global_count_, globals_);
  write(SectionId::kExport, export_count_, exports_);
  if (!linkage_.slots.empty()) {
    Writer slots;
    slots.u32(0)
        .i32_expression(linkage_.slots.front().slot)
        .u32(static_cast<std::uint32_t>(linkage_.slots.size()));
    for (std::uint32_t i = 0; i < linkage_.slots.size(); ++i) slots.u32(i);
    write(SectionId::kElement, 1, slots);
  }
  write(SectionId::kCode, function_count_, code_);
  write(SectionId::kData, 1,
        Writer().u32(0).i32_expression(linkage_.image_start).name(wasm::kImageHeader));
  out_.custom_section("name", wasm::write_function_names(names_));
  return out_.take();
}

}  // namespace

std::string merge_name(const Library& library, const std::string& function) {
  return library.name + "/" + function;
}

Result<Bytes> emit_library(const Linkage& linkage, std::size_t library, const LibraryImage& image,
                           bool keep_names) {
  return LibraryEmitter(linkage, library, image, keep_names).run();
}

Bytes emit_frame(const Linkage& linkage, const std::vector<LibraryImage>& images) {
  return FrameEmitter(linkage, images).run();
}

}  // namespace pylon::fuse
