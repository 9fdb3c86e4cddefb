export default function Home() {
  return <h1>officer</h1>;
}
