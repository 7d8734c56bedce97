using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Conformance.Engine.Building;
using Conformance.Engine.Sizes;
using Conformance.Manifests;
using Conformance.Model;
using Conformance.Model.Reports;
using Conformance.Tests.Harness;
using NJsonSchema;
using Tomlyn;
using Tomlyn.Model;

namespace Conformance.Tests.Reports;

/// <summary>The published schemas say what the readers and writers do.</summary>
[Category("Portable")]
[TestFixture]
public sealed class SchemaTests
{
    private static readonly JsonSerializerOptions Written = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static string Schemas => Path.Combine(Repository.Root, "docs", "schemas");

    /// <summary>To write it anew after a change of the records: CONFORMANCE_UPDATE_SCHEMAS=1 dotnet test.</summary>
    [Test]
    public void The_published_report_schema_is_the_records()
    {
        var path = Path.Combine(Schemas, "report.schema.json");
        var schema = ReportSchema.Create().ToJsonString(Written) + "\n";
        if (Environment.GetEnvironmentVariable("CONFORMANCE_UPDATE_SCHEMAS") == "1") File.WriteAllText(path, schema);
        Assert.That(File.ReadAllText(path), Is.EqualTo(schema));
    }

    [Test]
    public async Task Every_line_of_a_real_report_fits_the_schema_and_only_those()
    {
        using var folder = new TemporaryFolder();
        var run = await new RecordedRun().RunAsync(Fakes.Plan(Fakes.CounterC,
            Fakes.Runtime(folder, "counts"), Fakes.Runtime(folder, "is-unavailable"), Fakes.Runtime(folder, "exits")));
        var schema = await JsonSchema.FromJsonAsync(await File.ReadAllTextAsync(Path.Combine(Schemas, "report.schema.json")));
        string[] lines =
        [
            JsonSerializer.Serialize(run.Header!, ModelJson.Readable.HeaderLine),
            .. run.Cells.Select(c => JsonSerializer.Serialize(c, ModelJson.Readable.CellLine)),
            JsonSerializer.Serialize(await new ModuleSizes(null).MeasureAsync(Fakes.CounterC, default), ModelJson.Readable.SizeLine),
            JsonSerializer.Serialize(run.Footer!, ModelJson.Readable.FooterLine),
        ];
        using (Assert.EnterMultipleScope())
        {
            foreach (var line in lines) Assert.That(schema.Validate(line), Is.Empty, line);
            Assert.That(schema.Validate(lines[1].Replace("\"verdict\":", "\"verdickt\":", StringComparison.Ordinal)), Is.Not.Empty);
            Assert.That(schema.Validate("""{"type":"cell"}"""), Is.Not.Empty);
        }
    }

    [TestCase("module.schema.json", "modules", "module.toml")]
    [TestCase("runtime.schema.json", "runtimes", "runtime.toml")]
    [TestCase("tool.schema.json", "tools", "tool.toml")]
    public async Task Every_committed_manifest_fits_its_schema(string schemaFile, string folder, string manifest)
    {
        var schema = await JsonSchema.FromJsonAsync(await File.ReadAllTextAsync(Path.Combine(Schemas, schemaFile)));
        var manifests = Directory.GetFiles(Path.Combine(Repository.Root, folder), manifest, SearchOption.AllDirectories);
        Assert.That(manifests, Is.Not.Empty);
        using (Assert.EnterMultipleScope())
        {
            foreach (var path in manifests)
            {
                var json = Json(TomlSerializer.Deserialize<TomlTable>(await File.ReadAllTextAsync(path))!)!;
                Assert.That(schema.Validate(json.ToJsonString()), Is.Empty, path);
                json["unknown"] = 1;
                Assert.That(schema.Validate(json.ToJsonString()), Is.Not.Empty, "an unknown key is an error");
            }
        }
    }

    /// <summary>A reader names the keys that it knows when it meets one that it doesn't: each table's must be the schema's.</summary>
    [TestCase("", "/properties")]
    [TestCase("[imports.env.f]\nrequest = \"PUT /add\"",
        "/properties/imports/additionalProperties/additionalProperties/oneOf/0/properties")]
    [TestCase("[imports.env.f]\nmemory = \"1..\"", "/properties/imports/additionalProperties/additionalProperties/oneOf/1/properties")]
    [TestCase("[imports.env.f]\ntable = \"1.. funcref\"",
        "/properties/imports/additionalProperties/additionalProperties/oneOf/2/properties")]
    [TestCase("[imports.env.f]\nglobal = \"i32\"", "/properties/imports/additionalProperties/additionalProperties/oneOf/3/properties")]
    [TestCase("[build]", "/properties/build/properties")]
    [TestCase("[page]", "/properties/page/properties")]
    [TestCase("[[scenarios]]\n[scenarios.page]", "/properties/scenarios/items/properties/page/properties")]
    [TestCase("[[scenarios]]", "/properties/scenarios/items/properties")]
    [TestCase("[[scenarios]]\n[scenarios.expect]", "/properties/scenarios/items/properties/expect/properties")]
    [TestCase("[[scenarios]]\n[scenarios.expect.counts]", "/$defs/counts/oneOf/1/properties")]
    [TestCase("[[scenarios]]\n[scenarios.expect.fails]", "/$defs/fails/properties")]
    [TestCase("[[scenarios]]\n[[scenarios.differences]]", "/properties/scenarios/items/properties/differences/items/properties")]
    [TestCase("[[scenarios]]\n[[scenarios.splits]]", "/properties/scenarios/items/properties/splits/items/properties")]
    public void The_module_schema_has_the_keys_that_the_reader_knows(string table, string pointer)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("m/module.toml", $"{table}\nunknown-key = 1\n");
        var problem = Assert.Throws<ManifestException>(() => ModuleManifestReader.Read(path))!.Problems.Single(
            p => p.Message.StartsWith("unknown key", StringComparison.Ordinal)).Message;
        var known = problem.Split("known here: ")[1].Split(", ");
        JsonNode node = JsonNode.Parse(File.ReadAllText(Path.Combine(Schemas, "module.schema.json")))!;
        foreach (var step in pointer.Split('/', StringSplitOptions.RemoveEmptyEntries))
            node = node is JsonArray array ? array[int.Parse(step, System.Globalization.CultureInfo.InvariantCulture)]! : node[step]!;
        Assert.That(node.AsObject().Select(p => p.Key), Is.EquivalentTo(known));
    }

    private static JsonNode? Json(object? value) => value switch
    {
        TomlTable table => new JsonObject(table.Select(p => KeyValuePair.Create(p.Key, Json(p.Value)))),
        TomlTableArray array => new JsonArray([.. array.Select(Json)]),
        TomlArray array => new JsonArray([.. array.Select(Json)]),
        string text => text,
        long integer => integer,
        double real => real,
        bool boolean => boolean,
        _ => throw new InvalidOperationException($"{value?.GetType()}"),
    };
}
