using System.Text.RegularExpressions;

namespace AgentHosting.Core.Tests.Architecture;

public sealed partial class SourceShapeTests
{
    [Fact]
    public void SourceFiles_HoldOneTopLevelType()
    {
        var wrong = Directory.EnumerateFiles(Path.Combine(RepositoryRoot.Path, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(file => TopLevelType().Count(File.ReadAllText(file)) > 1);

        Assert.Empty(wrong);
    }

    [Fact]
    public void SourceFiles_BearTheNameOfTheirType()
    {
        var wrong = Directory.EnumerateFiles(Path.Combine(RepositoryRoot.Path, "src"), "*.cs", SearchOption.AllDirectories)
            .Select(file => (File: file, Type: TopLevelType().Match(File.ReadAllText(file))))
            .Where(found => found.Type.Success && Path.GetFileName(found.File).Split('.')[0] != found.Type.Groups["name"].Value)
            .Select(found => found.File);

        Assert.Empty(wrong);
    }

    [Fact]
    public void SourceFiles_AreAtMost400LinesLong()
    {
        var wrong = Directory.EnumerateFiles(Path.Combine(RepositoryRoot.Path, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(file => File.ReadLines(file).Count() > 400);

        Assert.Empty(wrong);
    }

    [GeneratedRegex(@"^(?:public |internal |file )?(?:(?:static|sealed|abstract|partial|readonly|ref) )*(?:class|struct|interface|enum|record(?: struct| class)?) (?<name>\w+)", RegexOptions.Multiline)]
    private static partial Regex TopLevelType();
}
