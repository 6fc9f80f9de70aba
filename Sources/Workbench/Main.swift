/// Where the program starts.
@main
enum Main {
  static func main() {
    Restart.ifKernelsAreMissed()
    Program.run()
  }
}
