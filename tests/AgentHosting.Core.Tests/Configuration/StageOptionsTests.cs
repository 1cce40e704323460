using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text;
using AgentHosting.Core.Tests.Architecture;
using AgentHosting.Retries;
using AgentHosting.Testing;
using AgentHosting.Timeouts;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace AgentHosting.Core.Tests.Configuration;

public sealed class StageOptionsTests
{
    public static TheoryData<string> Stages => [.. StageUnderTest.All.Keys];

    public static TheoryData<string> StagesThatAreAdded => [.. StageUnderTest.All.Values.Where(static stage => !stage.IsInEveryHost).Select(static stage => stage.Name)];

    [Fact]
    public void All_AreFound() => Assert.Superset(
        new HashSet<string> { "Retry", "Timeout", "CircuitBreaker", "Fallback", "ModelRouter", "ResponseCache" }, StageUnderTest.All.Keys.ToHashSet());

    [Theory]
    [MemberData(nameof(Stages))]
    public async Task Start_UnnamedAndNamed_EachReadsItsOwnSectionAlone(string name)
    {
        var stage = StageUnderTest.All[name];
        using var host = stage.Host(
            [null, "fast", "plain"], ($"{stage.Section}:{stage.Setting.Name}", "3"), ($"{stage.Section}:fast:{stage.Setting.Name}", "4"));
        await host.StartAsync(TestContext.Current.CancellationToken);

        Assert.Equal(("3", "4", stage.Default()), (stage.Read(host, null), stage.Read(host, "fast"), stage.Read(host, "plain")));
        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    [Theory]
    [MemberData(nameof(Stages))]
    public async Task Start_MisspeltSetting_FailsNamingItsKey(string name)
    {
        var stage = StageUnderTest.All[name];
        foreach (var names in new string?[][] { [null], [null, "fast"], ["fast"], ["fast", null] })
        {
            using var host = stage.Host(names, ($"{stage.Section}:Misspelt", "3"));
            Assert.Contains($"{stage.Section}:Misspelt", await StartErrorAsync(host), StringComparison.Ordinal);
        }

        foreach (var names in new string?[][] { [null, "fast"], ["fast"], ["slow", "fast"] })
        {
            using var host = stage.Host(names, ($"{stage.Section}:fast:Misspelt", "3"));
            Assert.Contains($"{stage.Section}:fast:Misspelt", await StartErrorAsync(host), StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Stages))]
    public async Task Start_NameThatNothingAdded_SaysWhichAreKnown(string name)
    {
        var stage = StageUnderTest.All[name];
        foreach (var names in new string?[][] { [null, "fast", "slow"], ["slow", "fast"] })
        {
            using var host = stage.Host(names, ($"{stage.Section}:fats:{stage.Setting.Name}", "3"));
            var message = await StartErrorAsync(host);

            Assert.Contains($"{stage.Section}:fats is neither a setting", message, StringComparison.Ordinal);
            Assert.Contains("'fast', 'slow'", message, StringComparison.Ordinal);
            Assert.Contains($"Add{name}(", message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(StagesThatAreAdded))]
    public async Task Start_SettingOfUnnamedOptionsThatNothingAdded_SaysThatItIsNotInherited(string name)
    {
        var stage = StageUnderTest.All[name];
        using var host = stage.Host(["fast"], ($"{stage.Section}:{stage.Setting.Name}", "3"));
        var message = await StartErrorAsync(host);

        Assert.Contains($"{stage.Section}:{stage.Setting.Name} ", message, StringComparison.Ordinal);
        Assert.Contains("do not inherit", message, StringComparison.Ordinal);
        Assert.Contains("'fast'", message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Stages))]
    public void Add_UnusableName_SaysWhy(string name)
    {
        var stage = StageUnderTest.All[name];
        var builder = new ServiceCollection().AddAgentHosting();
        stage.AddTo(builder, "fast");
        stage.AddTo(builder, "fast");

        foreach (var (wrong, why) in new[]
        {
            (stage.Setting.Name, $"is a setting of {name}Options"), (stage.Setting.Name.ToUpperInvariant(), "is a setting"), ("a:b", "colon"), ("Fast", "only in case"),
        })
        {
            var exception = Assert.Throws<ArgumentException>("optionsName", () => stage.AddTo(builder, wrong));
            Assert.Contains($"'{wrong}' ", exception.Message, StringComparison.Ordinal);
            Assert.Contains(why, exception.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("ResponseCache", "Semantic:Treshold")]
    [InlineData("ModelRouter", "Candidates:1:Modle")]
    [InlineData("Retry", "ShouldHandle")]
    [InlineData("Fallback", "Clients:0")]
    public async Task Start_KeyThatNothingReads_FailsNamingIt(string name, string key)
    {
        var stage = StageUnderTest.All[name];
        foreach (var section in new[] { stage.Section, $"{stage.Section}:fast" })
        {
            using var host = stage.Host([null, "fast"], ($"{section}:{key}", "1"));
            var message = await StartErrorAsync(host);

            Assert.StartsWith($"{section} cannot be read", message, StringComparison.Ordinal);
            Assert.Contains($"'{key.Split(':').Last(static part => part != "0")}'", message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Stages))]
    public async Task Start_NumberOutsideItsRange_NamesKeyValueAndFix(string name)
    {
        var stage = StageUnderTest.All[name];
        foreach (var (key, range) in stage.Settings().Select(static one => (one.Key, one.Property.GetCustomAttribute<RangeAttribute>())).Where(static one => one.Item2 is not null))
        {
            foreach (var section in new[] { stage.Section, $"{stage.Section}:fast" })
            {
                using var host = stage.Host([null, "fast"], ($"{section}:{key}", "-1"));
                var fix = string.Create(CultureInfo.InvariantCulture, $"Use a value between {range!.Minimum} and {range.Maximum}.");

                Assert.Contains($"{section}:{key} is -1. {fix}", await StartErrorAsync(host), StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Stages))]
    public async Task Start_TimeAsABareNumber_SaysThatItMeansDays(string name)
    {
        var stage = StageUnderTest.All[name];
        foreach (var (key, _) in stage.Settings().Where(static one => Nullable.GetUnderlyingType(one.Property.PropertyType) == typeof(TimeSpan) || one.Property.PropertyType == typeof(TimeSpan)))
        {
            // What is kept may be kept for days.
            var days = key == "TimeToLive" ? 60 : 30;
            using var host = stage.Host([null], ($"{stage.Section}:{key}", days.ToString(CultureInfo.InvariantCulture)));
            var message = await StartErrorAsync(host);

            Assert.Contains($"{stage.Section}:{key} is {days}.00:00:00. ", message, StringComparison.Ordinal);
            Assert.Contains("A number alone means days: 30 is 30 days; for 30 seconds write 00:00:30.", message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Start_RequiredSettingIsEmpty_SaysSo()
    {
        using var host = StageUnderTest.All["Timeout"].Host([null], ("AgentHosting:Timeout:Name", ""));

        Assert.Contains("AgentHosting:Timeout:Name is empty. Give it a value, or leave it out for the default.", await StartErrorAsync(host), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("AgentHosting:Retry:MaxRetries", "many", "AgentHosting:Retry:MaxRetries")]
    [InlineData("AgentHosting:Retry:fast:MaxRetries", "many", "AgentHosting:Retry:fast:MaxRetries")]
    [InlineData("AgentHosting:Retry:fast", "3", "AgentHosting:Retry:fast is '3'")]
    [InlineData("AgentHosting:Retry", "3", "AgentHosting:Retry is '3'")]
    [InlineData("AgentHosting:Worker", "3", "AgentHosting:Worker is '3'")]
    public async Task Start_ValueOfTheWrongKind_FailsNamingItsKey(string key, string value, string expected)
    {
        using var host = StageUnderTest.All["Retry"].Host([null, "fast"], (key, value));

        Assert.Contains(expected, await StartErrorAsync(host), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("call")]
    public void Get_SettingIsNull_ItIsNull(string? optionsName)
    {
        var stage = StageUnderTest.All["Timeout"];
        using var host = stage.Host([null, "call"], ($"{stage.Section}{(optionsName is null ? "" : ":" + optionsName)}:Total", null));
        var options = host.Services.GetRequiredService<IOptionsMonitor<TimeoutOptions>>();

        Assert.Null(options.Get(optionsName).Total);
        Assert.NotNull(options.Get(optionsName is null ? "call" : null).Total);
    }

    [Fact]
    public void Use_NameThatNothingAdded_SaysWhichAreKnown()
    {
        var services = new ServiceCollection();
        services.AddAgentHosting().AddRetry().AddRetry(static (RetryOptions _) => { }, "fast");
        using var provider = services.BuildServiceProvider();
        var builder = new ScriptedChatClient(ScriptedTurn.Text("x")).AsBuilder().UseRetry("fats");
        var exception = Assert.Throws<InvalidOperationException>(() => builder.Build(provider));

        Assert.Contains("'fats' of this stage are not registered; registered are: the unnamed ones, 'fast'", exception.Message, StringComparison.Ordinal);
        Assert.Contains("AddRetry(..., \"fats\")", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_ConfigurationOfTheDocumentation_MeansWhatItSays()
    {
        var page = await File.ReadAllTextAsync(Path.Combine(RepositoryRoot.Path, "docs", "configuration.md"), TestContext.Current.CancellationToken);
        var json = page.Split("```json")[1].Split("```")[0];
        var settings = new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json))).Build().AsEnumerable();
        await using var host = await TestHost.StartAsync(
            static builder => builder.AddModel("m", static _ => new ScriptedChatClient(ScriptedTurn.Text("x"))).AddAgent("a")
                .AddRetry().AddRetry(static retry => retry.MaxRetries = 4, optionsName: "patient"),
            [.. settings.Select(static setting => (setting.Key, setting.Value))]);
        var options = host.Services.GetRequiredService<IOptionsMonitor<RetryOptions>>();

        Assert.Equal((1, 4), (options.CurrentValue.MaxRetries, options.Get("patient").MaxRetries));
        Assert.Equal((TimeSpan.FromSeconds(8), TimeSpan.FromSeconds(30)), (options.CurrentValue.MaxDelay, options.Get("patient").MaxDelay));
    }

    private static async Task<string> StartErrorAsync(IHost host) =>
        (await Assert.ThrowsAnyAsync<Exception>(() => host.StartAsync(TestContext.Current.CancellationToken))).Message;
}
