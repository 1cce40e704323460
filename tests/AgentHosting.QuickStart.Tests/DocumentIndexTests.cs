using QuickStart.Search;
using Xunit;

namespace AgentHosting.QuickStart.Tests;

public class DocumentIndexTests
{
    private static readonly DocumentIndex Documents = DocumentIndex.Load(Path.Combine(AppContext.BaseDirectory, "documents"));

    [Theory]
    [InlineData("How long do I have to return an opened appliance?", "returns.md")]
    [InlineData("restocking fee", "returns.md")]
    [InlineData("When is my refund paid?", "returns.md")]
    [InlineData("How long is the warranty?", "warranty.md")]
    [InlineData("express shipping costs", "shipping.md")]
    [InlineData("I forgot my password", "account.md")]
    [InlineData("NV-312", "error-codes.md")]
    [InlineData("error nv104", "error-codes.md")]
    [InlineData("What is the price of the Team plan per month?", "plans.md")]
    [InlineData("How much does the Vault 8 cost?", "appliances.md")]
    [InlineData("When is phone support open?", "contact.md")]
    [InlineData("How many days are daily versions kept?", "retention.md")]
    [InlineData("Does it run on Windows 7?", "platforms.md")]
    [InlineData("restore a whole computer", "restore.md")]
    [InlineData("Are backups encrypted?", "security.md")]
    [InlineData("backups are slow", "troubleshooting.md")]
    [InlineData("firmware updates", "troubleshooting.md")]
    public void Search_AnswerableQuestion_FindsTheDocument(string query, string file) =>
        Assert.Equal(file, Documents.Search(query, 3)[0].File);

    [Theory]
    [InlineData("Who won the 1998 world cup?")]
    [InlineData("bake chocolate")]
    [InlineData("what is it")]
    [InlineData("")]
    public void Search_NothingMatches_IsEmpty(string query) => Assert.Empty(Documents.Search(query, 3));

    [Fact]
    public void Search_Hits_AreOrderedAndBounded()
    {
        var hits = Documents.Search("backup restore cloud price appliance", 4);

        Assert.Equal(4, hits.Count);
        Assert.Equal(hits.OrderByDescending(hit => hit.Score).Select(hit => hit.Heading), hits.Select(hit => hit.Heading));
        Assert.All(hits, hit => Assert.InRange(hit.Coverage, 0.001, 1));
    }

    [Fact]
    public void Search_TermInHeading_BeatsTermInText()
    {
        var index = new DocumentIndex(
        [
            new DocumentSection { File = "a.md", Title = "A", Heading = "Other", Text = "One word about refunds and nothing else here." },
            new DocumentSection { File = "b.md", Title = "B", Heading = "Refund", Text = "One word about money and nothing else here." },
        ]);

        Assert.Equal(["b.md", "a.md"], index.Search("refunds", 2).Select(hit => hit.File));
    }

    [Fact]
    public void Split_Markdown_CutsAtHeadingsOutsideCode()
    {
        var sections = MarkdownSections.Split("x.md", "intro\n# Title\n## One\ntext one\n```\n# no heading\n```\n## Empty\n### Two\r\ntext two");

        Assert.Equal(
            [("x.md", "intro"), ("One", "text one\n```\n# no heading\n```"), ("Two", "text two")],
            sections.Select(section => (section.Heading, section.Text)));
    }

    [Theory]
    [InlineData("policies", "policy")]
    [InlineData("shipped", "shipping")]
    [InlineData("charged", "charge")]
    [InlineData("returning", "returns")]
    [InlineData("prices", "pricing")]
    [InlineData("NV104", "nv-104")]
    public void Of_FormsOfAWord_AreOneTerm(string left, string right) => Assert.Equal(SearchTerms.Of(left), SearchTerms.Of(right));

    [Fact]
    public void Load_FolderWithoutDocuments_SaysWhatToDo()
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            Assert.Contains("no *.md file", Assert.Throws<InvalidOperationException>(() => DocumentIndex.Load(folder.FullName)).Message, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete();
        }
    }
}
