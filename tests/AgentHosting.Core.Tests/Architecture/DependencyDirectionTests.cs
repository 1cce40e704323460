using System.Xml.Linq;

namespace AgentHosting.Core.Tests.Architecture;

public sealed class DependencyDirectionTests
{
    /// <summary>The folders of Core, lowest first: a folder uses only those before it.</summary>
    private static readonly string[] Layers =
        ["", "Configuration", "Diagnostics", "Failures", "Pricing", "SpendLedgers", "Alerts", "Models", "Streaming", "Stages", "Transcripts", "NetworkSafety", "PayloadProtection", "Timeouts", "Retries", "CircuitBreakers", "Fallbacks", "ModelRouting", "ResponseCaching", "RateLimits", "TokenBudgets", "ContextWindows", "Guardrails", "ToolValidation", "Pipelines", "Agents", "Runs", "DependencyInjection"];

    [Fact]
    public void CoreFolders_UseOnlyLowerFolders()
    {
        var folder = Path.Combine(RepositoryRoot.Path, "src", "AgentHosting.Core");
        var wrong = SourceDependencies.Of(folder, "AgentHosting")
            .Where(dependency => Layers.Contains(dependency.To))
            .Where(dependency => Array.IndexOf(Layers, dependency.To) > Array.IndexOf(Layers, dependency.From))
            .Select(dependency => $"{dependency.File} uses {dependency.To}");

        Assert.Empty(wrong);
    }

    /// <summary>The middleware: none of these folders knows another.</summary>
    private static readonly string[] Middleware = ["Timeouts", "Retries", "CircuitBreakers", "Fallbacks", "ModelRouting", "ResponseCaching", "RateLimits", "TokenBudgets", "ContextWindows", "Guardrails"];

    [Fact]
    public void MiddlewareFolders_DoNotKnowEachOther()
    {
        var folder = Path.Combine(RepositoryRoot.Path, "src", "AgentHosting.Core");
        var wrong = SourceDependencies.Of(folder, "AgentHosting")
            .Where(dependency => Middleware.Contains(dependency.From) && Middleware.Contains(dependency.To))
            .Select(dependency => $"{dependency.File} uses {dependency.To}");

        Assert.Empty(wrong);
    }

    [Fact]
    public void CoreFolders_AreAllListed()
    {
        var folder = Path.Combine(RepositoryRoot.Path, "src", "AgentHosting.Core");
        var folders = Directory.GetDirectories(folder).Select(Path.GetFileName).Where(name => name is not ("bin" or "obj"));

        Assert.Empty(folders.Except(Layers));
    }

    [Theory]
    [InlineData("using AgentHosting.Runs;", "Runs")]
    [InlineData("var x = AgentHosting.Runs.Internal.Thing.Constant;", "Runs")]
    public void In_SourceThatNamesAFolder_FindsIt(string source, string expected) =>
        Assert.Contains(expected, SourceDependencies.In(source, "AgentHosting"));

    [Fact]
    public void In_OwnNamespaceAndComments_FindsNothing() =>
        Assert.Empty(SourceDependencies.In("namespace AgentHosting.Runs;\n// AgentHosting.Agents\n", "AgentHosting"));

    [Fact]
    public void Core_NamesNeitherHttpServersNorRedis()
    {
        var folder = Path.Combine(RepositoryRoot.Path, "src", "AgentHosting.Core");
        var wrong = Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Where(file => File.ReadAllText(file) is var text
                && (text.Contains("Microsoft.AspNetCore", StringComparison.Ordinal) || text.Contains("StackExchange.Redis", StringComparison.Ordinal)));

        Assert.Empty(wrong);
    }

    [Fact]
    public void Core_ReferencesOnlyTheAgreedPackages()
    {
        string[] agreed =
        [
            "JsonSchema.Net",
            "Microsoft.Extensions.AI",
            "Microsoft.Extensions.Caching.Abstractions",
            "Microsoft.Extensions.Configuration.Binder",
            "Microsoft.Extensions.Hosting.Abstractions",
            "Microsoft.Extensions.Options",
            "Polly.Core",
            "System.IO.Hashing",
        ];

        Assert.Equal(agreed, PackagesOf("AgentHosting.Core").Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("AgentHosting.Core")]
    [InlineData("AgentHosting.AspNetCore", "AgentHosting.Core")]
    [InlineData("AgentHosting.Mcp", "AgentHosting.Core")]
    [InlineData("AgentHosting.Redis", "AgentHosting.Core")]
    [InlineData("AgentHosting.Testing", "AgentHosting.Core")]
    [InlineData("AgentHosting.Tokenizers", "AgentHosting.Core")]
    public void Packages_KnowOnlyCore(string project, params string[] expected)
    {
        var references = Project(project).Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value));

        Assert.Equal(expected, references);
    }

    private static IEnumerable<string> PackagesOf(string project) =>
        Project(project).Descendants("PackageReference").Select(reference => reference.Attribute("Include")!.Value);

    private static XDocument Project(string name) =>
        XDocument.Load(Path.Combine(RepositoryRoot.Path, "src", name, $"{name}.csproj"));
}
