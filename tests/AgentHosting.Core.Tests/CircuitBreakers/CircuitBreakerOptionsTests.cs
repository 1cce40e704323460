using AgentHosting.CircuitBreakers;
using AgentHosting.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace AgentHosting.Core.Tests.CircuitBreakers;

public sealed class CircuitBreakerOptionsTests
{
    [Fact]
    public void Defaults_AreThoseOfTheDocumentation()
    {
        var options = new CircuitBreakerOptions();

        Assert.Equal(0.5, options.FailureRatio);
        Assert.Equal(10, options.MinimumCalls);
        Assert.Equal(TimeSpan.FromSeconds(60), options.Window);
        Assert.Equal(TimeSpan.FromSeconds(30), options.OpenDuration);
        Assert.Equal(TimeSpan.FromMinutes(5), options.MaxOpenDuration);
        Assert.Equal(2, options.SuccessesToClose);
        Assert.Equal(TimeSpan.FromMinutes(2), options.ProbeLease);
        Assert.Equal(TimeSpan.Zero, options.RateLimitPause);
        Assert.Equal(TimeSpan.FromMinutes(5), options.MaxRateLimitPause);
        Assert.Null(options.Key);
        Assert.Null(options.ShouldHandle);
    }

    [Fact]
    public void UseCircuitBreaker_EverythingWrong_NamesEachKeyValueAndFix()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("hi"));
        var options = new CircuitBreakerOptions
        {
            FailureRatio = 2,
            MinimumCalls = 0,
            Window = TimeSpan.Zero,
            OpenDuration = TimeSpan.FromMinutes(10),
            MaxOpenDuration = TimeSpan.FromMinutes(1),
            SuccessesToClose = 0,
            ProbeLease = TimeSpan.FromDays(100),
            RateLimitPause = TimeSpan.FromSeconds(-1),
            MaxRateLimitPause = TimeSpan.FromSeconds(-2),
            Key = "",
        };

        var failures = Assert.Throws<OptionsValidationException>(() => model.AsBuilder().UseCircuitBreaker(options)).Failures.ToList();

        Assert.Equal(10, failures.Count);
        foreach (var property in (string[])["FailureRatio", "MinimumCalls", "Window", "MaxOpenDuration", "SuccessesToClose", "ProbeLease", "RateLimitPause", "MaxRateLimitPause", "Key"])
        {
            Assert.Contains(failures, failure => failure.StartsWith("AgentHosting:CircuitBreaker", StringComparison.Ordinal) && failure.Contains(property, StringComparison.Ordinal));
        }

        Assert.Contains("AgentHosting:CircuitBreaker:MaxOpenDuration is 00:01:00. Use at least the OpenDuration of 00:10:00.", failures);
    }

    [Fact]
    public void UseCircuitBreaker_ServicesMissing_NamesTheCall()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("hi"));

        var exception = Assert.Throws<InvalidOperationException>(() => model.AsBuilder().UseCircuitBreaker().Build());

        Assert.Contains("services.AddAgentHosting().AddCircuitBreaker(...)", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AddCircuitBreaker_Configuration_WinsAndIsUsed()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Fail(503)) { Repeat = true };
        using var host = TestHost.Build(
            builder => builder.AddCircuitBreaker(options => options.MinimumCalls = 5), ("AgentHosting:CircuitBreaker:MinimumCalls", "2"));
        using var client = model.AsBuilder().UseCircuitBreaker().Build(host.Services);

        for (var i = 0; i < 3; i++)
        {
            Assert.NotNull(await Record.ExceptionAsync(() => client.CallAsync(streaming: false)));
        }

        Assert.Equal(2, model.CallCount);
        Assert.Same(host.Services.GetRequiredService<ICircuitBreakerStore>(), host.Services.GetRequiredService<ICircuitBreakerStore>());
    }

    [Fact]
    public async Task AddCircuitBreaker_WrongConfiguration_StopsTheStart()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("hi"));
        using var host = TestHost.Build(
            builder => builder.AddModel("a", _ => model).AddAgent("assistant").AddCircuitBreaker(), ("AgentHosting:CircuitBreaker:FailureRatio", "7"));

        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(TestContext.Current.CancellationToken));

        Assert.Contains("AgentHosting:CircuitBreaker", exception.Message, StringComparison.Ordinal);
        Assert.Contains("FailureRatio", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void UseCircuitBreaker_OutsideTheToolLoop_IsRefusedByTheOrderOfStages()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("hi"));

        var exception = Assert.Throws<InvalidOperationException>(() =>
            model.AsBuilder().UseCircuitBreaker(new CircuitBreakerOptions()).UseFunctionInvocation().Build());

        Assert.Contains("UseCircuitBreaker stands above UseFunctionInvocation. Move UseFunctionInvocation before it", exception.Message, StringComparison.Ordinal);
    }
}
