using System.Diagnostics.Metrics;
using AgentHosting.ResponseCaching;
using AgentHosting.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Core.Tests.ResponseCaching;

public sealed class ResponseCacheRegistrationTests
{
    [Fact]
    public void Options_Defaults_AreTheDocumentedOnes()
    {
        var options = new ResponseCacheOptions();

        Assert.Equal(
            (TimeSpan.FromHours(1), 1 << 20, 64L << 20, TimeSpan.FromMilliseconds(250), 5, TimeSpan.FromSeconds(30), false, 0.95),
            (options.TimeToLive, options.MaxEntryBytes, options.SizeLimit, options.StoreTimeout, options.StoreFailureThreshold, options.StoreBreakDuration, options.Semantic.Enabled, options.Semantic.Threshold));
    }

    [Fact]
    public async Task UseResponseCache_WithoutServices_Caches()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x"));
        using var client = model.AsBuilder().UseResponseCache(new ResponseCacheOptions()).Build();
        await client.GetResponseAsync("q", cancellationToken: TestContext.Current.CancellationToken);
        await client.GetResponseAsync("q", cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(1, model.CallCount);
    }

    [Fact]
    public async Task UseResponseCache_OptionsAndServices_UsesClockMetersAndLog()
    {
        var time = new FakeTimeProvider();
        using var services = new ServiceCollection().AddMetrics().AddFakeLogging().AddLogging(static logging => logging.SetMinimumLevel(LogLevel.Trace)).AddSingleton<TimeProvider>(time).BuildServiceProvider();
        using var requests = new MetricCollector<long>(services.GetRequiredService<IMeterFactory>(), "AgentHosting", "agenthosting.response_cache.requests");
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x")) { Repeat = true };
        using var client = model.AsBuilder().UseResponseCache(new ResponseCacheOptions { TimeToLive = TimeSpan.FromMinutes(1) }).Build(services);
        await client.GetResponseAsync("q", cancellationToken: TestContext.Current.CancellationToken);
        time.Advance(TimeSpan.FromMinutes(2));
        await client.GetResponseAsync("q", cancellationToken: TestContext.Current.CancellationToken);
        await client.GetResponseAsync("q", new ChatOptions { ConversationId = "c" }, TestContext.Current.CancellationToken);

        Assert.Equal(3, model.CallCount);
        Assert.Equal(3, requests.GetMeasurementSnapshot().Count);
        Assert.Contains(services.GetFakeLogCollector().GetSnapshot(), static log => log.Category!.StartsWith("AgentHosting.ResponseCaching", StringComparison.Ordinal));
    }

    [Fact]
    public void UseResponseCache_InvalidOptions_SaysEveryReason()
    {
        var builder = new ScriptedChatClient(ScriptedTurn.Text("x")).AsBuilder();
        var error = Assert.Throws<OptionsValidationException>(() => builder.UseResponseCache(new ResponseCacheOptions
        {
            TimeToLive = TimeSpan.Zero,
            StoreTimeout = TimeSpan.Zero,
            StoreBreakDuration = TimeSpan.Zero,
            LockLease = TimeSpan.Zero,
            MaxEntryBytes = 1,
            SizeLimit = -1,
            StoreFailureThreshold = 0,
            PolicyVersion = null!,
            Semantic = new SemanticCacheOptions { Threshold = 0.9, MaxPartitions = 0, MaxEntriesPerPartition = 0, MaxQuestionLength = 0, EmbeddingTimeout = TimeSpan.Zero },
        }));
        string[] names =
        [
            "TimeToLive", "StoreTimeout", "StoreBreakDuration", "LockLease", "MaxEntryBytes", "SizeLimit", "StoreFailureThreshold", "PolicyVersion",
            "Threshold", "MaxPartitions", "MaxEntriesPerPartition", "MaxQuestionLength", "EmbeddingTimeout",
        ];

        Assert.All(names, name => Assert.Contains(error.Failures, failure => failure.Contains(name, StringComparison.Ordinal)));
        Assert.Throws<OptionsValidationException>(() => builder.UseResponseCache(new ResponseCacheOptions { Semantic = new() { Threshold = double.NaN } }));
        Assert.Throws<OptionsValidationException>(() => builder.UseResponseCache(new ResponseCacheOptions { SizeLimit = 10 }));
        Assert.Throws<OptionsValidationException>(() => builder.UseResponseCache(new ResponseCacheOptions { SizeLimit = 0, Semantic = new() { Enabled = true } }));
        Assert.Throws<OptionsValidationException>(() => builder.UseResponseCache(new ResponseCacheOptions { Semantic = null! }));
    }

    [Fact]
    public void UseResponseCache_NotAdded_NamesTheCall()
    {
        using var services = new ServiceCollection().BuildServiceProvider();
        var error = Assert.Throws<InvalidOperationException>(() => new ScriptedChatClient(ScriptedTurn.Text("x")).AsBuilder().UseResponseCache().Build(services));

        Assert.Contains("AddAgentHosting().AddResponseCache(", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void UseResponseCache_SemanticWithoutEmbeddings_SaysWhatToRegister()
    {
        var error = Assert.Throws<InvalidOperationException>(() => new ScriptedChatClient(ScriptedTurn.Text("x")).AsBuilder()
            .UseResponseCache(new ResponseCacheOptions { Semantic = new() { Enabled = true } }).Build());

        Assert.Contains("AddEmbeddingGenerator", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void UseResponseCache_BelowItsPlace_SaysWhatToMove()
    {
        var builder = new ScriptedChatClient(ScriptedTurn.Text("x")).AsBuilder().UseResponseCache(new ResponseCacheOptions()).UseFunctionInvocation();

        Assert.Contains("UseFunctionInvocation", Assert.Throws<InvalidOperationException>(() => builder.Build()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AddResponseCache_ConfigurationWins_AndServicesAreUsed()
    {
        using var host = TestHost.Build(
            static agents => agents.AddResponseCache(static options => options.TimeToLive = TimeSpan.FromMinutes(1)),
            ("AgentHosting:ResponseCache:TimeToLive", "00:05:00"),
            ("AgentHosting:ResponseCache:Semantic:Threshold", "0.97"));
        var options = host.Services.GetRequiredService<IOptionsMonitor<ResponseCacheOptions>>().CurrentValue;
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x"));
        using var client = model.AsBuilder().UseResponseCache().Build(host.Services);
        await client.GetResponseAsync("q", cancellationToken: TestContext.Current.CancellationToken);
        await client.GetResponseAsync("q", cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((TimeSpan.FromMinutes(5), 0.97), (options.TimeToLive, options.Semantic.Threshold));
        Assert.Equal(1, model.CallCount);
    }

    [Fact]
    public void WithResponseCache_InvalidArguments_Throw()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ChatOptions().WithResponseCache((ResponseCacheMode)7));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ChatOptions().WithResponseCache(timeToLive: TimeSpan.Zero));
    }
}
