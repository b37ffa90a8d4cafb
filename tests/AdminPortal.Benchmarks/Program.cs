using AdminPortal.Benchmarks;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

// One call for each iteration, so that the percentiles are those of single calls; in this process, so that nothing is
// built anew behind the repository's back.
var config = ManualConfig.CreateEmpty()
    .AddLogger(ConsoleLogger.Default)
    .AddColumnProvider(DefaultColumnProviders.Params, DefaultColumnProviders.Descriptor)
    .AddColumn(StatisticColumn.Median, StatisticColumn.P95, BaselineRatioColumn.RatioMean)
    .AddExporter(MarkdownExporter.GitHub)
    .WithArtifactsPath(Path.Combine(PortalFile.Artifacts(), "results"))
    .AddJob(Job.Default.WithToolchain(new InProcessEmitToolchain(TimeSpan.FromHours(1), logOutput: true)).WithInvocationCount(1).WithUnrollFactor(1).WithWarmupCount(20).WithIterationCount(200));

switch (args)
{
    case ["list", ..]:
        BenchmarkRunner.Run<ListQueries>(config, args[1..]);
        return 0;
    case ["import"]:
        await ImportMeasure.RunAsync(100_000);
        return 0;
    case ["bulk"]:
        // As many calls at once as the portal makes by default.
        await BulkMeasure.RunAsync(10_000, atOnce: 4);
        return 0;
    case ["rotation", .. var count]:
        await RotationMeasure.RunAsync(count is [var number, ..] ? int.Parse(number, System.Globalization.CultureInfo.InvariantCulture) : 1_000_000);
        return 0;
    case ["pages"]:
        await PagesMeasure.RunAsync();
        return 0;
    case ["callback"]:
        await CallbackMeasure.RunAsync();
        return 0;
    case ["callback", var clients]:
        await CallbackMeasure.RunAsync(int.Parse(clients, System.Globalization.CultureInfo.InvariantCulture));
        return 0;
    case ["start"]:
        await StartMeasure.RunAsync();
        return 0;
    case ["circuits"]:
        await CircuitsMeasure.RunAsync();
        return 0;
    case ["bare", var file]:
        await BareKestrel.ServeAsync(file);
        return 0;
    default:
        Console.Error.WriteLine("Say what to measure: list, import, bulk, pages, callback, start, circuits or rotation. See tests/AdminPortal.Benchmarks/README.md.");
        return 1;
}
