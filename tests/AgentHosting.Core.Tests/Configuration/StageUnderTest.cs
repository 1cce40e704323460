using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using AgentHosting.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace AgentHosting.Core.Tests.Configuration;

/// <summary>A stage, found by its <c>AddX(builder, configure, optionsName)</c>, so that a new one is tested without being listed.</summary>
internal sealed class StageUnderTest
{
    private readonly MethodInfo _add;
    private readonly Type _options;

    private StageUnderTest(MethodInfo add)
    {
        _add = add;
        _options = add.GetParameters()[1].ParameterType.GenericTypeArguments[0];
        // A number or a text that may be 3 as well as 4.
        Setting = _options.GetProperties().First(static property => property.Name == "Name"
            || (property.PropertyType == typeof(int) && property.GetCustomAttribute<RangeAttribute>()?.IsValid(3) == true));
    }

    public static IReadOnlyDictionary<string, StageUnderTest> All { get; } = typeof(IAgentHostingBuilder).Assembly.GetExportedTypes()
        .Where(static type => type.Name.EndsWith("AgentHostingBuilderExtensions", StringComparison.Ordinal))
        .SelectMany(static type => type.GetMethods(BindingFlags.Public | BindingFlags.Static))
        .Where(static method => method.GetParameters() is [_, _, { Name: "optionsName" }])
        .Select(static method => new StageUnderTest(method))
        .ToDictionary(static stage => stage.Name);

    public string Name => _add.Name["Add".Length..];

    public PropertyInfo Setting { get; }

    /// <summary>Whether <c>AddAgentHosting</c> registers the unnamed options by itself.</summary>
    public bool IsInEveryHost => new ServiceCollection().AddAgentHosting().Services
        .Any(service => service.ServiceType == typeof(IPostConfigureOptions<>).MakeGenericType(_options));

    public string Section => $"AgentHosting:{Name}";

    public IAgentHostingBuilder AddTo(IAgentHostingBuilder builder, string? optionsName)
    {
        try
        {
            return (IAgentHostingBuilder)_add.Invoke(null, [builder, null, optionsName])!;
        }
        catch (TargetInvocationException exception)
        {
            throw exception.InnerException!;
        }
    }

    /// <summary>A host with this stage's options under some names, what they require set for each.</summary>
    public IHost Host(string?[] names, params (string Key, string? Value)[] settings) => TestHost.Build(
        builder =>
        {
            builder.AddModel("m", static _ => new ScriptedChatClient(ScriptedTurn.Text("x"))).AddAgent("a");
            foreach (var name in names)
            {
                AddTo(builder, name);
            }
        },
        [.. names.SelectMany(Required), .. settings]);

    public string? Read(IHost host, string? name)
    {
        var type = typeof(IOptionsMonitor<>).MakeGenericType(_options);
        var options = type.GetMethod("Get")!.Invoke(host.Services.GetRequiredService(type), [name]);
        return Convert.ToString(Setting.GetValue(options), CultureInfo.InvariantCulture);
    }

    public string? Default() => Convert.ToString(Setting.GetValue(Activator.CreateInstance(_options)), CultureInfo.InvariantCulture);

    /// <summary>The properties that configuration can set, those of parts included, each with its key below the section.</summary>
    public IEnumerable<(string Key, PropertyInfo Property)> Settings() => SettingsOf(_options, "");

    private static IEnumerable<(string Key, PropertyInfo Property)> SettingsOf(Type type, string prefix) => type.GetProperties()
        .Where(static property => property.CanWrite)
        .SelectMany(property => property.PropertyType.Namespace?.StartsWith("AgentHosting", StringComparison.Ordinal) == true && property.PropertyType.IsClass
            ? SettingsOf(property.PropertyType, $"{prefix}{property.Name}:")
            : [($"{prefix}{property.Name}", property)]);

    private IEnumerable<(string Key, string? Value)> Required(string? name)
    {
        var section = name is null ? Section : $"{Section}:{name}";
        return Name switch
        {
            "Fallback" => [($"{section}:Models:0", "m")],
            "ModelRouter" => [($"{section}:Candidates:0:Model", "m")],
            _ => [],
        };
    }
}
