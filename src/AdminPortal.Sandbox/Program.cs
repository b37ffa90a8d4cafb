using AdminPortal.Sandbox;

var configuration = new ConfigurationBuilder()
    .AddEnvironmentVariables()
    .AddCommandLine(args, SandboxOptions.CommandLineNames)
    .Build();

try
{
    var options = SandboxOptions.ForStandAlone(configuration);
    await using var server = SandboxServer.Build(options, standAlone: true);
    server.Start();
    await server.WaitForShutdownAsync();
    return 0;
}
catch (SandboxSettingException wrong)
{
    // Wrong settings and a taken port: the sentence is what the person needs, not the stack.
    await Console.Error.WriteLineAsync(wrong.Message);
    return 1;
}
