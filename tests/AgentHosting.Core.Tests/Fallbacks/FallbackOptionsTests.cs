using AgentHosting.Fallbacks;
using AgentHosting.Models;
using AgentHosting.Models.Internal;
using AgentHosting.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace AgentHosting.Core.Tests.Fallbacks;

public sealed class FallbackOptionsTests
{
    [Fact]
    public void Defaults_AreThoseOfTheDocumentation()
    {
        var options = new FallbackOptions();

        Assert.Empty(options.Models);
        Assert.Empty(options.Clients);
        Assert.Equal(6, options.MaxAttempts);
        Assert.True(options.FallBackOnContentFilter);
        Assert.False(options.FallBackWithoutHistory);
        Assert.Null(options.HedgeAfter);
        Assert.Equal(1, options.MaxHedges);
        Assert.Null(options.LastResortMessage);
        Assert.Null(options.ShouldHandle);
        Assert.Null(options.OnFallback);
    }

    [Fact]
    public void UseFallback_EverythingWrong_NamesEachKeyValueAndFix()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("hi"));
        var options = new FallbackOptions
        {
            Models = { "b", "b", " " },
            Clients = { null! },
            MaxAttempts = 0,
            MaxHedges = 11,
            HedgeAfter = TimeSpan.Zero,
            LastResortMessage = "",
        };

        var failures = Assert.Throws<OptionsValidationException>(() => model.AsBuilder().UseFallback(options)).Failures.ToList();

        Assert.Equal(7, failures.Count);
        Assert.Contains("AgentHosting:Fallback:Models is b, b,  . Name each model once: none is tried twice.", failures);
        foreach (var property in (string[])["Models is a list", "Clients", "MaxAttempts", "MaxHedges", "HedgeAfter", "LastResortMessage"])
        {
            Assert.Contains(failures, failure => failure.StartsWith("AgentHosting:Fallback", StringComparison.Ordinal) && failure.Contains(property, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void UseFallback_NothingToFallBackTo_SaysSo()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("hi"));

        var exception = Assert.Throws<OptionsValidationException>(() => model.AsBuilder().UseFallback(new FallbackOptions()));

        Assert.Equal(
            "AgentHosting:Fallback:Models is not set. Name at least one model to fall back to, or set Clients or LastResortMessage.",
            Assert.Single(exception.Failures));
    }

    [Fact]
    public void UseFallback_ServicesMissing_NamesTheCall()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("hi"));

        var exception = Assert.Throws<InvalidOperationException>(() => model.AsBuilder().UseFallback().Build());

        Assert.Contains("services.AddAgentHosting().AddFallback(...)", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AddFallback_Configuration_GivesTheChainAndTheLimitsOfModels()
    {
        using var a = new ScriptedChatClient(ScriptedTurn.Fail(503));
        using var b = new ScriptedChatClient(ScriptedTurn.Text("from b"));
        using var host = TestHost.Build(
            builder => builder.AddModel("a", _ => a).AddModel("b", _ => b).AddFallback(options => options.Models.Add("a")),
            ("AgentHosting:Fallback:Models:0", "b"),
            ("AgentHosting:Fallback:HedgeAfter", "00:01:00"),
            ("AgentHosting:Models:b:SupportsImages", "false"));
        var catalog = host.Services.GetRequiredService<IModelCatalog>();
        using var client = new ModelCatalogChatClient(catalog).AsBuilder().UseFallback().Build(host.Services);

        Assert.Equal("from b", (await client.CallAsync(streaming: true)).Text);
        Assert.False(catalog.Find("b")!.Options.SupportsImages);
        Assert.True(catalog.Find("a")!.Options is { SupportsImages: true, SupportsAudio: true, SupportsTools: true, SupportsJsonSchema: true });
    }

    [Fact]
    public async Task AddFallback_WrongConfiguration_StopsTheStart()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("hi"));
        using var host = TestHost.Build(
            builder => builder.AddModel("a", _ => model).AddAgent("assistant").AddFallback(options => options.Models.Add("b")), ("AgentHosting:Fallback:MaxAttempts", "0"));

        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(TestContext.Current.CancellationToken));

        Assert.Contains("AgentHosting:Fallback", exception.Message, StringComparison.Ordinal);
        Assert.Contains("MaxAttempts", exception.Message, StringComparison.Ordinal);
    }
}
