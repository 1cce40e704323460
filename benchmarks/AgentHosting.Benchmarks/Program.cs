using AgentHosting.Benchmarks;
using BenchmarkDotNet.Running;

if (args is ["interleaved", var name])
{
    return await Interleaved.RunAsync(name);
}

BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, BenchmarkSettings.Create());
return 0;
