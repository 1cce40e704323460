using System.Reflection;
using AgentHosting.Agents;
using AgentHosting.Core.Tests.TokenBudgets;
using AgentHosting.Models.Internal;
using AgentHosting.Pricing;
using AgentHosting.Pricing.Internal;
using AgentHosting.SpendLedgers;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace AgentHosting.Core.Tests.Models;

public sealed class ReportedUsageTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Counts => [.. Properties.Select(static property => property.Name)];

    private static IEnumerable<PropertyInfo> Properties => typeof(UsageDetails).GetProperties().Where(static property => property.PropertyType == typeof(long?));

    [Fact]
    public async Task Run_ProviderReportsRunningTotals_AllReadersCountThemOnce()
    {
        // As the two reports of Anthropic's protocol: the input first, then the whole with the output so far.
        using var model = new UpdatesChatClient(
            Report(input: 40, output: 1), Text("Hello "), Report(input: 40, output: 3), Text("you"), Report(input: 40, output: 7, ChatFinishReason.Stop));
        await using var host = await TestHost.StartAsync(
            hosting => hosting
                .AddModel("mini", _ => model, static options => (options.InputPrice, options.OutputPrice) = (1_000_000m, 2_000_000m))
                .AddTokenBudget(static _ => { })
                .AddResponseCache(static _ => { })
                .AddAgent("a", static agent => agent.UsePipeline(static pipeline => pipeline.UseProductionDefaults())),
            ("AgentHosting:Models:mini:StreamedUsage", "Last"),
            ("AgentHosting:Models:mini:TokensPerMinute", "100000"));

        var run = await host.RunAsync("Hi");

        Assert.Equal((40, 7, 54m), (run.Usage.InputTokens, run.Usage.OutputTokens, run.Cost));
        var row = Assert.Single(await host.Services.GetRequiredService<ISpendLedger>().GetRowsAsync(new SpendQuery(), 10, Token)).Settlement;
        Assert.Equal((40, 7, 54m, false), (row.InputTokens, row.OutputTokens, row.Cost, row.IsEstimated));
        var client = host.Services.GetRequiredService<IAgentRegistry>().Find("a")!.ChatClient;
        var stored = await client.GetResponseAsync("Hello", cancellationToken: Token);
        Assert.Equal("Hello you", stored.Text);
        var usages = new List<UsageDetails>();
        await foreach (var update in client.GetStreamingResponseAsync("Another", cancellationToken: Token))
        {
            usages.AddRange(update.Contents.OfType<UsageContent>().Select(static usage => usage.Details));
        }

        Assert.Equal((40, 7), (usages.Sum(static usage => usage.InputTokenCount), usages.Sum(static usage => usage.OutputTokenCount)));
    }

    [Fact]
    public void Steps_TotalShrinksOrIsMissing_TakesNothingBackAndAddsNothing()
    {
        UsageDetails[] reports =
        [
            new() { InputTokenCount = 0, AdditionalCounts = new() { ["searches"] = 1 } },
            new() { InputTokenCount = 10, OutputTokenCount = 5 },
            new() { OutputTokenCount = 3 },
            new() { InputTokenCount = -4, OutputTokenCount = 5, AdditionalCounts = new() { ["searches"] = 3 } },
            new() { OutputTokenCount = 9 },
        ];

        var steps = StepsOf(StreamedUsage.Last, CachedInputReport.Detect, reports);

        Assert.Equal([0, 10, null, 0, null], steps.Select(static step => step.InputTokenCount));
        Assert.Equal([null, 5, 0, 0, 4], steps.Select(static step => step.OutputTokenCount));
        Assert.All(steps, static step => Assert.Null(step.TotalTokenCount));
        Assert.Equal([1, null, null, 2, null], steps.Select(static step => step.AdditionalCounts?.TryGetValue("searches", out var count) == true ? count : (long?)null));
    }

    [Theory]
    [MemberData(nameof(Counts))]
    public void Steps_RunningTotalOfEachCount_AddsUpToTheLast(string name)
    {
        var property = typeof(UsageDetails).GetProperty(name)!;
        var reports = new long?[] { 3, 3, 8 }.Select(count =>
        {
            var details = new UsageDetails();
            property.SetValue(details, count);
            return details;
        });

        var steps = StepsOf(StreamedUsage.Last, CachedInputReport.PartOfInput, [.. reports]);

        Assert.Equal([3L, 0L, 5L], steps.Select(step => (long)property.GetValue(step)!));
    }

    [Fact]
    public void Steps_RandomReports_AddUpToWhatTheProviderMeans()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var i = 0; i < 500; i++)
        {
            var kind = (CachedInputReport)random.Next(3);
            var reports = Enumerable.Range(0, random.Next(1, 6)).Select(_ => RandomReport(random)).ToArray();
            var (summed, largest) = (new UsageDetails(), new UsageDetails());
            foreach (var report in reports)
            {
                summed.Add(report);
                largest = new UsageDetails
                {
                    InputTokenCount = Max(largest.InputTokenCount, report.InputTokenCount),
                    OutputTokenCount = Max(largest.OutputTokenCount, report.OutputTokenCount),
                    CachedInputTokenCount = Max(largest.CachedInputTokenCount, report.CachedInputTokenCount),
                };
            }

            foreach (var (streamed, whole) in new[] { (StreamedUsage.Sum, summed), (StreamedUsage.Last, largest) })
            {
                var sum = new UsageDetails();
                foreach (var step in StepsOf(streamed, kind, reports))
                {
                    Assert.True(step is { InputTokenCount: null or >= 0, OutputTokenCount: null or >= 0 }, $"seed {seed}");
                    sum.Add(step);
                }

                var beside = whole.CachedInputTokenCount is { } cached && (kind == CachedInputReport.BesideInput || cached > (whole.InputTokenCount ?? 0)) ? cached : 0;
                long? input = whole.InputTokenCount is null && beside == 0 ? null : (whole.InputTokenCount ?? 0) + beside;
                // Of a report that looked like input from the cache alone, and was not, no token is taken back.
                Assert.True(
                    (sum.InputTokenCount, sum.OutputTokenCount, sum.CachedInputTokenCount) == (input, whole.OutputTokenCount, whole.CachedInputTokenCount)
                    || (kind != CachedInputReport.BesideInput && sum.InputTokenCount >= input && sum.OutputTokenCount == whole.OutputTokenCount),
                    $"seed {seed}: {streamed}, {kind}, {sum.InputTokenCount} of {input}");
            }
        }

        static long? Max(long? one, long? other) => one is null || other > one ? other : one;
    }

    [Theory]
    [InlineData(CachedInputReport.BesideInput, 10, 6, 20)]
    [InlineData(CachedInputReport.PartOfInput, 10, 6, 10)]
    [InlineData(CachedInputReport.Detect, 10, 6, 10)]
    [InlineData(CachedInputReport.PartOfInput, 5, 6, 15)]
    [InlineData(CachedInputReport.Detect, 5, 6, 15)]
    public async Task Call_CachedInput_IsPartOfTheInputAfterwards(CachedInputReport kind, long reported, long cached, long expected)
    {
        var usage = new UsageDetails
        {
            InputTokenCount = reported, OutputTokenCount = 3, TotalTokenCount = reported + 3, CachedInputTokenCount = cached,
            AdditionalCounts = new() { ["CacheCreationInputTokens"] = 4 },
        };
        var price = new ModelPrice { Input = 1_000_000m, Output = 1_000_000m, CachedInput = 100_000m, CacheWrite = 2_000_000m };
        using var model = new UpdatesChatClient(new ChatResponseUpdate(ChatRole.Assistant, [new TextContent("x"), new UsageContent(usage)]) { FinishReason = ChatFinishReason.Stop });
        using var client = model.AsBuilder().UseReportedUsage(StreamedUsage.Last, kind).Build();

        foreach (var streaming in new[] { false, true })
        {
            var response = await client.CallAsync(streaming);

            Assert.Equal((expected, expected + 3, cached), (response.Usage!.InputTokenCount, response.Usage.TotalTokenCount, response.Usage.CachedInputTokenCount));
            Assert.Equal(expected - cached - 4 + (cached * 0.1m) + (4 * 2) + 3, UsageCost.Of(response.Usage, price));
        }

        Assert.Equal(reported, usage.InputTokenCount);
    }

    [Theory]
    [InlineData(CachedInputReport.BesideInput, StreamedUsage.Sum, 150)]
    [InlineData(CachedInputReport.BesideInput, StreamedUsage.Last, 150)]
    [InlineData(CachedInputReport.Detect, StreamedUsage.Last, 150)]
    [InlineData(CachedInputReport.PartOfInput, StreamedUsage.Sum, 110)]
    [InlineData(CachedInputReport.PartOfInput, StreamedUsage.Last, 110)]
    public async Task Call_CacheWasOnlyWrittenTo_IsReadOnceAfterwards(CachedInputReport kind, StreamedUsage streamed, long expected)
    {
        // As adapters report the first request of a conversation that is cached.
        var usage = new UsageDetails
        {
            InputTokenCount = kind == CachedInputReport.PartOfInput ? 110 : 50, OutputTokenCount = 3,
            AdditionalCounts = new() { ["CacheReadInputTokens"] = 0, ["CacheCreationInputTokens"] = 100 },
        };
        using var model = new UpdatesChatClient(new ChatResponseUpdate(ChatRole.Assistant, [new TextContent("x"), new UsageContent(usage)]) { FinishReason = ChatFinishReason.Stop });
        using var client = model.AsBuilder().UseReportedUsage(streamed, kind).Build();

        foreach (var streaming in new[] { false, true })
        {
            Assert.Equal(expected, UsageReading.Of((await client.CallAsync(streaming)).Usage!).Input);
        }
    }

    [Fact]
    public void Steps_RandomReportsOfACacheByName_AreReadAsTheWhole()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var i = 0; i < 2000; i++)
        {
            var kind = (CachedInputReport)random.Next(3);
            var whole = new UsageDetails();
            var steps = new UsageSteps(StreamedUsage.Sum, kind);
            var sum = new UsageDetails();
            long? before = null;
            for (var k = random.Next(1, 5); k > 0; k--)
            {
                var report = RandomReport(random);
                (report.InputTokenCount, report.CachedInputTokenCount) = (report.InputTokenCount ?? 0, null);
                foreach (var name in new[] { "CacheReadInputTokens", "CacheCreationInputTokens" }.Where(_ => random.Next(2) == 0))
                {
                    (report.AdditionalCounts ??= [])[name] = random.Next(3) == 0 ? 0 : random.Next(20);
                }

                whole.Add(report);
                sum.Add(steps.Next(report));
                var expected = UsageReading.Of(whole, kind);
                if (expected.Input < before)
                {
                    // It looked like input beside the cache and was not: no token is taken back.
                    break;
                }

                before = expected.Input;
                var read = UsageReading.Of(sum);
                Assert.True(
                    (read.Input, read.Cached, read.Written) == (expected.Input, expected.Cached, expected.Written),
                    $"seed {seed}: {kind}, {read.Input}, {read.Cached}, {read.Written} of {expected.Input}, {expected.Cached}, {expected.Written}");
            }
        }
    }

    [Fact]
    public async Task Call_DeclaredTwice_CountsOnce()
    {
        var usage = new UsageDetails { InputTokenCount = 10, OutputTokenCount = 3, CachedInputTokenCount = 6 };
        using var model = new UpdatesChatClient(new ChatResponseUpdate(ChatRole.Assistant, [new TextContent("x"), new UsageContent(usage)]) { FinishReason = ChatFinishReason.Stop });
        await using var host = await TestHost.StartAsync(hosting => hosting
            .AddModel(
                "mini",
                _ => model.AsBuilder().UseReportedUsage(cachedInput: CachedInputReport.BesideInput).Build(),
                static options => options.CachedInput = CachedInputReport.BesideInput)
            .AddAgent("a"));

        var response = await host.Services.GetRequiredService<IAgentRegistry>().Find("a")!.ChatClient.GetResponseAsync("Hi", cancellationToken: Token);

        Assert.Equal(16, response.Usage!.InputTokenCount);
    }

    [Fact]
    public void Validate_ValueThatIsNone_NamesTheKey()
    {
        var wrong = new ModelOptionsValidator().Validate("mini", new() { StreamedUsage = (StreamedUsage)7, CachedInput = (CachedInputReport)7 });

        Assert.Contains("AgentHosting:Models:mini:StreamedUsage", wrong.FailureMessage, StringComparison.Ordinal);
        Assert.Contains("AgentHosting:Models:mini:CachedInput", wrong.FailureMessage, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new ChatClientBuilder(new UpdatesChatClient()).UseReportedUsage((StreamedUsage)7));
    }

    private static List<UsageDetails> StepsOf(StreamedUsage streamed, CachedInputReport cached, params UsageDetails[] reports)
    {
        var steps = new UsageSteps(streamed, cached);
        return [.. reports.Select(report => steps.Next(report))];
    }

    private static UsageDetails RandomReport(Random random) => new()
    {
        InputTokenCount = random.Next(3) == 0 ? null : random.Next(20),
        OutputTokenCount = random.Next(3) == 0 ? null : random.Next(20),
        CachedInputTokenCount = random.Next(2) == 0 ? null : random.Next(20),
    };

    private static ChatResponseUpdate Text(string text) => new(ChatRole.Assistant, text);

    private static ChatResponseUpdate Report(long input, long output, ChatFinishReason? finish = null) =>
        new(ChatRole.Assistant, [new UsageContent(new UsageDetails { InputTokenCount = input, OutputTokenCount = output })]) { FinishReason = finish };
}
