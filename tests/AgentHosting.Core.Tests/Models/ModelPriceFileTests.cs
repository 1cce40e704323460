using System.Diagnostics.Metrics;
using System.Globalization;
using AgentHosting.Models;
using AgentHosting.Models.Internal;
using AgentHosting.Pricing;
using AgentHosting.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Core.Tests.Models;

public sealed class ModelPriceFileTests : IDisposable
{
    private const string Good = """
        {
          "sample_spec": { "input_cost_per_token": 0.0, "output_cost_per_token": 0.0, "max_input_tokens": "max input tokens, if known" },
          "gpt-test": {
            "input_cost_per_token": 1.5e-07, "output_cost_per_token": "6E-7", "cache_read_input_token_cost": 7.5e-08,
            "cache_creation_input_token_cost": 1.875e-07, "output_cost_per_reasoning_token": 7e-07, "input_cost_per_token_priority": 0.5,
            "litellm_provider": "openai", "max_input_tokens": 128000, "mode": "chat", "supports_vision": true
          },
          "tiered": {
            "input_cost_per_token": 1.25e-06, "output_cost_per_token": 1e-05, "cache_read_input_token_cost": 1.25e-07,
            "input_cost_per_token_above_272k_tokens": 5e-06, "output_cost_per_token_above_272k_tokens": 2.25e-05,
            "input_cost_per_token_above_200k_tokens": 2.5e-06, "output_cost_per_token_above_200k_tokens": 1.5e-05,
            "cache_read_input_token_cost_above_200k_tokens": 2.5e-07, "input_cost_per_token_above_272k_tokens_priority": 9e-06,
            "cache_creation_input_token_cost_above_1hr": 9e-06, "output_cost_per_reasoning_token": null
          },
          "pictures": { "output_cost_per_image": 0.04, "mode": "image_generation" },
          "c": { "input_cost_per_token": 0, "output_cost_per_token": 0 }, "d": { "input_cost_per_token": 1e-06, "output_cost_per_token": 1e-06 },
          "e": { "input_cost_per_token": 1e-06, "output_cost_per_token": 1e-06 }, "f": { "input_cost_per_token": 1e-06, "output_cost_per_token": 1e-06 },
          "g": { "input_cost_per_token": 1e-06, "output_cost_per_token": 1e-06 }, "h": { "input_cost_per_token": 1e-06, "output_cost_per_token": 1e-06 },
          "i": { "input_cost_per_token": 1e-06, "output_cost_per_token": 1e-06 }, "j": { "input_cost_per_token": 1e-06, "output_cost_per_token": 1e-06 }
        }
        """;

    private readonly string _path = Path.Combine(Path.GetTempPath(), $"prices-{Guid.NewGuid():N}.json");
    private readonly FakeTimeProvider _time = new();
    private readonly FakeLogCollector _logs = new();
    private int _writes;

    public ModelPriceFileTests() => Write(Good);

    public void Dispose() => File.Delete(_path);

    [Fact]
    public async Task Find_EntryOfTheFile_IsExact()
    {
        await using var host = await StartAsync();

        var price = Price(host, "gpt-test")!;

        Assert.Equal((0.15m, 0.6m, 0.075m, 0.1875m, 0.7m), (price.Input, price.Output, price.CachedInput, price.CacheWrite, price.Reasoning));
        Assert.Empty(price.Tiers);
    }

    [Fact]
    public async Task Find_EntryWithTiers_HasThemInOrderAndTheRestFromBelow()
    {
        await using var host = await StartAsync();

        var price = Price(host, "tiered")!;

        Assert.Equal((1.25m, 10m, 0.125m, (decimal?)null, (decimal?)null), (price.Input, price.Output, price.CachedInput, price.CacheWrite, price.Reasoning));
        Assert.Equal([200_000L, 272_000L], price.Tiers.Select(tier => tier.AboveInputTokens));
        Assert.Equal([(2.5m, 15m, 0.25m), (5m, 22.5m, 0.125m)], price.Tiers.Select(tier => (tier.Price.Input, tier.Price.Output, tier.Price.CachedInput!.Value)));
    }

    [Fact]
    public async Task Find_ByKeyNameOrProvidersName_InThatOrder()
    {
        await using var host = await TestHost.StartAsync(
            hosting => hosting.AddModelPrices(_path, prices => prices.CurrencyFactor = 0.5m)
                .AddModel("keyed", _ => Client("tiered"), model => model.PriceKey = "gpt-test")
                .AddModel("tiered", _ => Client("gpt-test"))
                .AddModel("mine", _ => Client("gpt-test"))
                .AddModel("configured", _ => Client("gpt-test"), model => (model.InputPrice, model.OutputPrice) = (3m, 4m))
                .AddModel("unknown", _ => Client("sample_spec")).AddModel("pictures", _ => Client(null)).AddAgent("a"));

        Assert.Equal([0.075m, 0.625m, 0.075m, 3m, null, null], new[] { "keyed", "tiered", "mine", "configured", "unknown", "pictures" }.Select(name => Price(host, name)?.Input));
    }

    [Theory]
    [InlineData("[]", "an object with an entry")]
    [InlineData("{", "cannot be used")]
    [InlineData("", "cannot be used")]
    [InlineData("{}", "It holds no price")]
    [InlineData("""{"a":{"input_cost_per_token":2.5,"output_cost_per_token":10}}""", "more than 10000 for a million")]
    [InlineData("""{"a":{"input_cost_per_token":-1e-06,"output_cost_per_token":1e-06}}""", "below zero")]
    [InlineData("""{"a":{"input_cost_per_token":"free","output_cost_per_token":1e-06}}""", "which is no price")]
    [InlineData("""{"a":{"input_cost_per_token":1e999,"output_cost_per_token":1e-06}}""", "which is no price")]
    [InlineData("""{"a":{"input_cost_per_token":"NaN","output_cost_per_token":1e-06}}""", "which is no price")]
    [InlineData("""{"a":{"input_cost_per_token":[1],"output_cost_per_token":1e-06}}""", "which is no price")]
    public async Task Start_WrongFile_SaysWhatIsWrong(string json, string expected)
    {
        Write(json);

        var message = await StartErrorAsync();

        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.Contains(_path, message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_MissingOrTooLargeFile_SaysSo()
    {
        Assert.Contains("more than the 10 of MaxBytes", await StartErrorAsync(("AgentHosting:Prices:MaxBytes", "10")), StringComparison.Ordinal);
        File.Delete(_path);
        Assert.Contains("It does not exist", await StartErrorAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("File", "", "AgentHosting:Prices:File is empty")]
    [InlineData("CurrencyFactor", "0", "AgentHosting:Prices:CurrencyFactor is 0")]
    [InlineData("ReloadInterval", "-00:00:01", "AgentHosting:Prices:ReloadInterval is")]
    [InlineData("MinSizeRatio", "1.1", "AgentHosting:Prices:MinSizeRatio is 1.1")]
    [InlineData("MaxBytes", "0", "AgentHosting:Prices:MaxBytes is 0")]
    [InlineData("Fle", "x", "AgentHosting:Prices cannot be read")]
    public async Task Start_WrongOption_NamesItsKey(string key, string value, string expected) =>
        Assert.Contains(expected, await StartErrorAsync(($"AgentHosting:Prices:{key}", value)), StringComparison.Ordinal);

    [Fact]
    public async Task Start_PriceKeyThatNothingHas_NamesIt()
    {
        Assert.Contains("AgentHosting:Models:gpt-test:PriceKey is 'gpt-tset'", await StartErrorAsync(("AgentHosting:Models:gpt-test:PriceKey", "gpt-tset")), StringComparison.Ordinal);

        using var host = TestHost.Build(hosting => hosting.AddModel("m", _ => Client(null), model => model.PriceKey = "x").AddAgent("a"));
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => host.StartAsync(TestContext.Current.CancellationToken));
        Assert.Contains("AddModelPrices", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reload_GoodUpdate_HoldsForNewCalls()
    {
        await using var host = await StartAsync();
        using var updates = Updates(host);
        Write(Good.Replace("1.5e-07", "2e-07", StringComparison.Ordinal));

        await PassAsync(host);

        Assert.Equal(0.2m, Price(host, "gpt-test")!.Input);
        Assert.Equal("applied", Assert.Single(updates.GetMeasurementSnapshot()).Tags["agenthosting.prices.result"]);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("[1]")]
    [InlineData("")]
    [InlineData("""{"gpt-test":{"input_cost_per_token":9e-07,"output_cost_per_token":9e-07}}""")]
    [InlineData(null)]
    public async Task Reload_BadUpdate_KeepsTheLastGoodAndTellsOnce(string? json)
    {
        await using var host = await StartAsync();
        using var updates = Updates(host);
        if (json is null)
        {
            File.Delete(_path);
        }
        else
        {
            Write(json);
        }

        await PassAsync(host);
        await PassAsync(host);

        Assert.Equal(0.15m, Price(host, "gpt-test")!.Input);
        Assert.Equal(10m, Price(host, "tiered")!.Output);
        Assert.Equal("refused", Assert.Single(updates.GetMeasurementSnapshot()).Tags["agenthosting.prices.result"]);
        Assert.Equal("PricesRefused", Assert.Single(_logs.GetSnapshot(), record => record.Level == LogLevel.Error).Id.Name);

        Write(Good.Replace("1.5e-07", "3e-07", StringComparison.Ordinal));
        await PassAsync(host);
        Assert.Equal(0.3m, Price(host, "gpt-test")!.Input);
    }

    [Theory]
    [InlineData("0", false, "0.15")]
    [InlineData("1.51e-06", false, "0.15")]
    [InlineData("1.4e-08", false, "0.15")]
    [InlineData("1.5e-06", false, "1.5")]
    [InlineData("9", false, "0.15")]
    [InlineData("0", true, "0")]
    [InlineData("1.51e-06", true, "1.51")]
    public async Task Reload_PriceThatJumps_KeepsTheOldUnlessAllowed(string input, bool isAllowed, string expected)
    {
        await using var host = await StartAsync(prices => prices.AllowPriceJumps = isAllowed);
        Write(Good.Replace("\"input_cost_per_token\": 1.5e-07", $"\"input_cost_per_token\": {input}", StringComparison.Ordinal)
            .Replace("\"output_cost_per_token\": 1e-05", "\"output_cost_per_token\": 2e-05", StringComparison.Ordinal));

        await PassAsync(host);

        Assert.Equal(decimal.Parse(expected, CultureInfo.InvariantCulture), Price(host, "gpt-test")!.Input);
        Assert.Equal(20m, Price(host, "tiered")!.Output);
    }

    [Theory]
    [InlineData("\"input_cost_per_token_above_200k_tokens\": 2.5e-06", "\"input_cost_per_token_above_200k_tokens\": 2.6e-05")]
    [InlineData("\"output_cost_per_token_above_200k_tokens\": 1.5e-05", "\"output_cost_per_token_above_200k_tokens\": 0")]
    [InlineData("\"cache_read_input_token_cost_above_200k_tokens\": 2.5e-07", "\"cache_read_input_token_cost_above_200k_tokens\": 2.6e-06")]
    [InlineData("\"output_cost_per_reasoning_token\": null", "\"output_cost_per_reasoning_token\": 2e-04")]
    [InlineData("\"output_cost_per_reasoning_token\": null", "\"cache_creation_input_token_cost\": 2e-05")]
    [InlineData("\"output_cost_per_reasoning_token\": null", "\"input_cost_per_token_above_128k_tokens\": 2e-05, \"output_cost_per_token_above_128k_tokens\": 1e-05")]
    public async Task Reload_PriceOfATierOrACacheThatJumps_KeepsTheOldUnlessAllowed(string before, string after)
    {
        Assert.Contains(before, Good, StringComparison.Ordinal);
        var next = Good.Replace(before, after, StringComparison.Ordinal).Replace("1.5e-07", "1.6e-07", StringComparison.Ordinal);
        await using var host = await StartAsync();
        var old = Price(host, "tiered");
        Write(next);
        await PassAsync(host);

        Assert.Same(old, Price(host, "tiered"));
        Assert.Equal(0.16m, Price(host, "gpt-test")!.Input);

        await using var allowed = await StartAsync(static prices => prices.AllowPriceJumps = true);
        Assert.NotSame(old, Price(allowed, "tiered"));
    }

    [Fact]
    public async Task Reload_TierComesWithinTenfold_IsTaken()
    {
        await using var host = await StartAsync();
        Write(Good.Replace(
            "\"output_cost_per_reasoning_token\": null", "\"input_cost_per_token_above_128k_tokens\": 5e-06, \"output_cost_per_token_above_128k_tokens\": 1e-05", StringComparison.Ordinal));

        await PassAsync(host);

        Assert.Equal(3, Price(host, "tiered")!.Tiers.Count);
    }

    [Fact]
    public async Task Reload_WhileOthersRead_EachSeesOneWholePrice()
    {
        await using var host = await StartAsync();
        var file = host.Services.GetRequiredService<ModelPriceFile>();
        var definition = host.Services.GetRequiredService<IModelCatalog>().Find("gpt-test")!;
        using var done = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            var seen = 0;
            do
            {
                var price = definition.Price!;
                Assert.Equal(price.Input * 4m, price.Output);
                seen++;
            }
            while (!done.IsCancellationRequested);

            return seen;
        })).ToArray();
        for (var i = 1; i <= 50; i++)
        {
            Write(Good.Replace("1.5e-07", $"{100 + i}e-09", StringComparison.Ordinal).Replace("6E-7", $"{4 * (100 + i)}e-9", StringComparison.Ordinal));
            file.Reload();
        }

        await done.CancelAsync();
        Assert.All(await Task.WhenAll(readers), seen => Assert.True(seen > 0));
        Assert.Equal(0.15m, definition.Price!.Input);
    }

    [Fact]
    public async Task Reload_IntervalOfZero_NeverLooks()
    {
        await using var host = await StartAsync(prices => prices.ReloadInterval = TimeSpan.Zero);
        Write("broken");

        await PassAsync(host);

        Assert.DoesNotContain(_logs.GetSnapshot(), record => record.Level == LogLevel.Error);
    }

    // Kubernetes mounts a config map so: the file is a link into a folder that is a link, and an update replaces the latter alone.
    [Fact]
    public async Task Reload_LinkedFolderIsReplaced_TakesTheUpdate()
    {
        var folder = Directory.CreateTempSubdirectory("prices-").FullName;
        try
        {
            Version("v1", Good);
            Directory.CreateSymbolicLink(Path.Combine(folder, "..data"), "v1");
            var path = Path.Combine(folder, "prices.json");
            File.CreateSymbolicLink(path, Path.Combine("..data", "prices.json"));
            await using var host = await StartAsync(prices => prices.File = path);
            using var updates = Updates(host);

            Version("v2", Good.Replace("1.5e-07", "2.5e-07", StringComparison.Ordinal));
            Directory.CreateSymbolicLink(Path.Combine(folder, "..data_tmp"), "v2");
            Directory.Delete(Path.Combine(folder, "..data"));
            Directory.Move(Path.Combine(folder, "..data_tmp"), Path.Combine(folder, "..data"));
            await PassAsync(host);

            Assert.Equal(0.25m, Price(host, "gpt-test")!.Input);
            await PassAsync(host);
            Assert.Single(updates.GetMeasurementSnapshot());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        void Version(string name, string json)
        {
            var file = Path.Combine(Directory.CreateDirectory(Path.Combine(folder, name)).FullName, "prices.json");
            File.WriteAllText(file, json);
            File.SetLastWriteTimeUtc(file, new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddMinutes(_writes++));
        }
    }

    [Theory]
    [InlineData("""{"\ud800":{"input_cost_per_token":1e-06,"output_cost_per_token":1e-06}}""")]
    [InlineData("""{"a":{"input_cost_per_token":1e-06,"output_cost_per_token":1e-06,"\udc00":1}}""")]
    [InlineData("""{"a":{"input_cost_per_token":"\ud800","output_cost_per_token":1e-06}}""")]
    public async Task Reload_TextThatIsNone_IsRefusedAndTheNextUpdateIsTaken(string json)
    {
        await using var host = await StartAsync();
        Write(json);
        await PassAsync(host);
        Assert.Equal(0.15m, Price(host, "gpt-test")!.Input);

        Write(Good.Replace("1.5e-07", "3e-07", StringComparison.Ordinal));
        await PassAsync(host);

        Assert.Equal(0.3m, Price(host, "gpt-test")!.Input);
        Write(json);
        Assert.Contains("cannot be used", await StartErrorAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"input_cost_per_token_above_200k_tokens\": 2.5e-06", "\"input_cost_per_token_above_200k_tokens\": 0")]
    [InlineData("\"output_cost_per_token_above_272k_tokens\": 2.25e-05", "\"output_cost_per_token_above_272k_tokens\": 2.3e-04")]
    [InlineData("\"cache_read_input_token_cost_above_200k_tokens\": 2.5e-07", "\"cache_read_input_token_cost_above_200k_tokens\": 2e-08")]
    [InlineData("\"litellm_provider\": \"openai\"", "\"input_cost_per_token_above_1k_tokens\": 0")]
    public async Task Reload_PriceOfATierThatJumps_KeepsTheOld(string old, string changed)
    {
        await using var host = await StartAsync();
        var (tiered, plain) = (Price(host, "tiered"), Price(host, "gpt-test"));
        Write(Good.Replace(old, changed, StringComparison.Ordinal).Replace("\"d\": { \"input_cost_per_token\": 1e-06", "\"d\": { \"input_cost_per_token\": 2e-06", StringComparison.Ordinal));

        await PassAsync(host);

        Assert.Same(old.Contains("provider", StringComparison.Ordinal) ? plain : tiered, Price(host, old.Contains("provider", StringComparison.Ordinal) ? "gpt-test" : "tiered"));
        Assert.Equal(2m, host.Services.GetRequiredService<ModelPriceFile>().Find("d")!.Input);
    }

    [Fact]
    public async Task Reload_FileThatCannotBeOpened_TellsOnceAndTriesAgain()
    {
        await using var host = await StartAsync();
        using var updates = Updates(host);
        Write(Good.Replace("1.5e-07", "3e-07", StringComparison.Ordinal));
        using (new FileStream(_path, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            await PassAsync(host);
            await PassAsync(host);
            await PassAsync(host);
        }

        Assert.Single(updates.GetMeasurementSnapshot());
        Assert.Single(_logs.GetSnapshot(), record => record.Level == LogLevel.Error);
        await PassAsync(host);
        Assert.Equal(0.3m, Price(host, "gpt-test")!.Input);
    }

    private static ModelPrice? Price(TestHost host, string model) => host.Services.GetRequiredService<IModelCatalog>().Find(model)!.Price;

    private static NamedChatClient Client(string? model) => new NamedChatClient(new ScriptedChatClient(ScriptedTurn.Text("ok")), model);

    private static MetricCollector<long> Updates(TestHost host) =>
        new(host.Services.GetRequiredService<IMeterFactory>(), "AgentHosting", "agenthosting.prices.updates");

    // The time of a file is of coarse grain, so each write has one of its own.
    private void Write(string json)
    {
        File.WriteAllText(_path, json);
        File.SetLastWriteTimeUtc(_path, new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddMinutes(_writes++));
    }

    private Task<TestHost> StartAsync(Action<ModelPriceFileOptions>? configure = null) => TestHost.StartAsync(hosting => Configure(hosting, configure));

    private void Configure(IAgentHostingBuilder hosting, Action<ModelPriceFileOptions>? configure)
    {
        hosting.Services.AddSingleton<TimeProvider>(_time);
        hosting.Services.AddLogging(logging => logging.AddProvider(new FakeLoggerProvider(_logs)));
        hosting.AddModelPrices(_path, configure).AddModel("gpt-test", _ => Client(null)).AddModel("tiered", _ => Client(null)).AddAgent("a");
    }

    private async Task<string> StartErrorAsync(params (string, string?)[] settings)
    {
        using var host = TestHost.Build(hosting => Configure(hosting, null), settings);
        return (await Assert.ThrowsAnyAsync<Exception>(() => host.StartAsync(TestContext.Current.CancellationToken))).Message;
    }

    // The timer of the fake clock ticks on another thread.
    private async Task PassAsync(TestHost host)
    {
        var reloader = host.Services.GetServices<IHostedService>().OfType<ModelPriceFileReloader>().Single();
        var before = reloader.Looks;
        while (reloader.ExecuteTask is { IsCompleted: false } && reloader.Looks == before)
        {
            // Again and again, since the first may come before there is a timer.
            _time.Advance(TimeSpan.FromMinutes(1));
            await Task.Yield();
        }
    }

    private sealed class NamedChatClient(IChatClient inner, string? model) : DelegatingChatClient(inner)
    {
        public override object? GetService(Type serviceType, object? serviceKey = null) =>
            serviceType == typeof(ChatClientMetadata) ? new ChatClientMetadata("openai", null, model) : base.GetService(serviceType, serviceKey);
    }
}
