using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Conformance.Model;
using Conformance.Model.Modules;
using Conformance.Model.Observations;
using Conformance.Model.Runtimes;
using Conformance.Wasm;

namespace Conformance.Protocol;

/// <summary>The JSON of the protocol's parameters and results, source-generated, with the model's words.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    Converters = [typeof(KebabCase<ExternKind>), typeof(KebabCase<ModuleKind>),
        typeof(KebabCase<HostReturn>), typeof(KebabCase<Phase>), typeof(KebabCase<Provider>)])]
[JsonSerializable(typeof(InitializeParams))]
[JsonSerializable(typeof(InitializeResult))]
[JsonSerializable(typeof(ImmutableArray<DefinedImport>))]
[JsonSerializable(typeof(ResolveParams))]
[JsonSerializable(typeof(ResolveResult))]
[JsonSerializable(typeof(RunParams))]
[JsonSerializable(typeof(RunResult))]
[JsonSerializable(typeof(PhaseParams))]
[JsonSerializable(typeof(Unavailability))]
public sealed partial class ProtocolJson : JsonSerializerContext;
